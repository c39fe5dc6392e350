/** The call's end over WebSocket. */

import { beforeAll, expect, it, vi } from "vitest";

beforeAll(() => {
  // The worklets are made into addresses when the module loads.
  URL.createObjectURL = vi.fn(() => "blob:worklet");
});

class Socket {
  isOpen = true;

  async close(): Promise<void> {
    this.isOpen = false;
  }
}

class BrokenMedia {
  async disconnect(): Promise<void> {
    throw new Error("the loudspeaker does not close");
  }
}

it("leaves the server though the devices do not close", async () => {
  const { createWebSocket } = await import("../../src/core/transports/websocket");
  const { transport } = createWebSocket(
    { transport: "websocket", sessionId: "s1", token: "t", socketUrl: "ws://here/" } as never,
    { microphoneId: null, speakerId: null, onLink: () => {} },
  );
  const socket = new Socket();
  Object.assign(transport, { _ws: socket, _mediaManager: new BrokenMedia(), _callbacks: {} });
  await expect(transport.disconnect()).rejects.toThrow("does not close");
  expect(socket.isOpen).toBe(false);
});
