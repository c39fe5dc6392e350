/** Audio over a peer connection, events over its data channel. */

import { SmallWebRTCTransport, WavMediaManager } from "@pipecat-ai/small-webrtc-transport";

import type { Admission } from "../api";
import { createCallMedia } from "./media";
import type { CallTransport, TransportOptions } from "./transport";

/** What the declarations of SmallWebRTCTransport leave out. */
interface Internals {
  pc: RTCPeerConnection | null;
  mediaManager: { disconnect(): Promise<void> };
  _connectFailed: ((error: unknown) => void) | null;
  negotiate(isNewConnection?: boolean): Promise<void>;
  createPeerConnection(): RTCPeerConnection;
  closePeerConnection(pc: RTCPeerConnection): void;
}

/** An offer that is not answered after this long is taken to be lost. */
const OFFER_TIMEOUT_MS = 5_000;

const stock = SmallWebRTCTransport.prototype as unknown as Internals;

/**
 * Tells when the connection is lost and restored, and mends three things in the stock transport: it
 * stops the microphone when it replaces a broken connection, keeps it when the call is given up
 * before there is a connection, and a microphone chosen in the call does not reach the connection.
 */
class CallTransportOverWebRTC extends SmallWebRTCTransport {
  onLink: TransportOptions["onLink"] = () => {};
  #isLost = false;
  #offer: Promise<unknown> = Promise.resolve();

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  createPeerConnection(): RTCPeerConnection {
    const pc = stock.createPeerConnection.call(this);
    pc.addEventListener("iceconnectionstatechange", () => {
      if (pc === this.#internals.pc) this.#follow(pc.iceConnectionState);
    });
    return pc;
  }

  #follow(state: RTCIceConnectionState): void {
    if ((state === "disconnected" || state === "failed") && !this.#isLost) {
      this.#isLost = true;
      this.onLink("lost");
    } else if ((state === "connected" || state === "completed") && this.#isLost) {
      this.#isLost = false;
      this.onLink("restored");
    }
  }

  closePeerConnection(pc: RTCPeerConnection): void {
    const isReplaced = this.#internals.pc !== null && this.#internals.pc !== pc;
    if (isReplaced) pc.close();
    else stock.closePeerConnection.call(this, pc);
  }

  negotiate(isNewConnection?: boolean): Promise<void> {
    const offer = stock.negotiate.call(this, isNewConnection);
    this.#offer = offer.catch(() => undefined);
    return offer;
  }

  /** Bounded: a browser leaves a description open for ever when its connection is closed. */
  async settled(): Promise<void> {
    const bound = new Promise((resolve) => setTimeout(resolve, OFFER_TIMEOUT_MS));
    await Promise.race([this.#offer, bound]);
  }

  override async _disconnect(): Promise<void> {
    // Nobody waits for the connection any more.
    this.#internals._connectFailed = null;
    await super._disconnect();
    await this.#internals.mediaManager.disconnect();
  }

  override async updateMic(deviceId: string): Promise<void> {
    await super.updateMic(deviceId);
    const track = this.tracks().local.audio;
    const [microphone] = this.#internals.pc?.getTransceivers() ?? [];
    if (track) await microphone?.sender.replaceTrack(track);
  }
}

/** The browser's own rate: some refuse to listen to a microphone at another. */
function hardwareRateHz(): number {
  const context = new AudioContext();
  const { sampleRate } = context;
  void context.close();
  return sampleRate;
}

export function createWebRTC(
  admission: Extract<Admission, { transport: "webrtc" }>,
  options: TransportOptions,
): CallTransport {
  const media = createCallMedia(WavMediaManager, options, hardwareRateHz(), false);
  const transport = new CallTransportOverWebRTC({
    mediaManager: media,
    iceServers: admission.iceServers,
  });
  transport.onLink = options.onLink;
  const headers = new Headers({ Authorization: `Bearer ${admission.token}` });
  return {
    transport,
    connectParams: { webrtcRequestParams: { endpoint: admission.offerUrl, headers } },
    botLevel: null,
    // The transport reads these headers again for each request.
    setSecret: (secret) => headers.set("Authorization", `Bearer ${secret}`),
    settled: () => transport.settled(),
    flush: () => {},
  };
}
