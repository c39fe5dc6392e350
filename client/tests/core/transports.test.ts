/** What the page relies on inside the stock transports; an upgrade that moves it fails here. */

import { beforeAll, expect, it, vi } from "vitest";

beforeAll(() => {
  // The worklets are made into addresses when the module loads.
  URL.createObjectURL = vi.fn(() => "blob:worklet");
});

it("SmallWebRTCTransport still has what is mended", async () => {
  const { SmallWebRTCTransport } = await import("@pipecat-ai/small-webrtc-transport");
  const prototype = SmallWebRTCTransport.prototype as unknown as Record<string, unknown>;
  for (const name of ["createPeerConnection", "closePeerConnection", "negotiate", "updateMic"]) {
    expect(prototype[name], name).toBeTypeOf("function");
  }
});

it("WebSocketTransport still has what is replaced", async () => {
  const { WebSocketTransport, WavMediaManager } = await import("@pipecat-ai/websocket-transport");
  const prototype = WebSocketTransport.prototype as unknown as Record<string, unknown>;
  for (const name of ["initializeWebsocket", "connectionError", "_sendMsg", "_disconnect"]) {
    expect(prototype[name], name).toBeTypeOf("function");
  }
  const transport = new WebSocketTransport({
    mediaManager: new WavMediaManager(),
    wsUrl: "ws://here/",
  });
  expect(transport).toMatchObject({ _ws: null, _wsUrl: "ws://here/" });
});

it.each(["small-webrtc-transport", "websocket-transport"])(
  "WavMediaManager of %s still has its recorder and its player",
  async (name) => {
    const module: { WavMediaManager: new () => Record<string, Record<string, unknown>> } =
      name === "websocket-transport"
        ? ((await import("@pipecat-ai/websocket-transport")) as never)
        : ((await import("@pipecat-ai/small-webrtc-transport")) as never);
    const { _wavRecorder: recorder, _wavStreamPlayer: player } = new module.WavMediaManager();
    for (const method of ["begin", "record", "listenForDeviceErrors"]) {
      expect(recorder?.[method], method).toBeTypeOf("function");
    }
    for (const field of ["stream", "processor", "source"]) expect(recorder).toHaveProperty(field);
    for (const method of ["connect", "interrupt", "updateSpeaker", "add16BitPCM"]) {
      expect(player?.[method], method).toBeTypeOf("function");
    }
    for (const field of ["context", "analyser"]) expect(player).toHaveProperty(field);
  },
);
