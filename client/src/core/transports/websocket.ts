/** Audio and events over one WebSocket, taken up again when it breaks. */

import {
  ProtobufFrameSerializer,
  WavMediaManager,
  WebSocketTransport,
} from "@pipecat-ai/websocket-transport";

import type { Admission } from "../api";
import { ATTEMPT_TIMEOUT_MS, nextDelayMs, resumeUrl } from "../reconnect";
import { createCallMedia } from "./media";
import type { CallTransport, TransportOptions } from "./transport";

/** What Whisper and the voice activity detector listen at. */
const RECORDER_HZ = 16_000;
/** The close codes with which a server ends a call on purpose. */
const NORMAL_CODES = new Set([1000, 1001]);

type Socket = ReturnType<WebSocketTransport["initializeWebsocket"]>;

/** What the declarations of WebSocketTransport leave out. */
interface Internals {
  _ws: Socket | null;
  _wsUrl: string | null;
}

class CallTransportOverWebSocket extends WebSocketTransport {
  onLink: TransportOptions["onLink"] = () => {};
  #secret: string | null = null;
  #windowMs = 0;
  #isHungUp = false;

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  setSecret(secret: string, resumeS: number): void {
    this.#secret = secret;
    this.#windowMs = resumeS * 1000;
  }

  override initializeWebsocket(): Socket {
    const socket = super.initializeWebsocket();
    socket.on("close", (code: number) => {
      if (this.#internals._ws === socket && !this.#isHungUp) void this.#closed(code);
    });
    return socket;
  }

  /** The stock transport ends the call here; ours is taken up again instead. */
  override connectionError(): void {}

  /** What is said while there is no connection is lost, quietly. */
  override async _sendMsg(message: unknown): Promise<void> {
    if (this.#internals._ws?.readyState === WebSocket.OPEN) await super._sendMsg(message);
  }

  override async _disconnect(): Promise<void> {
    this.#isHungUp = true;
    try {
      await super._disconnect();
    } catch (error) {
      // The devices come first there, and whatever becomes of them, the server is left.
      await this.#internals._ws?.close();
      throw error;
    }
  }

  async #closed(code: number): Promise<void> {
    if (NORMAL_CODES.has(code)) return this.onLink("closed");
    if (!this.#secret || !this.#internals._wsUrl) return this.onLink("gone");
    this.onLink("lost");
    this.#internals._wsUrl = resumeUrl(this.#internals._wsUrl, this.#secret);
    this.onLink((await this.#resume(performance.now())) ? "restored" : "gone");
  }

  async #resume(lostAtMs: number): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      const delayMs = nextDelayMs(attempt, performance.now() - lostAtMs, this.#windowMs);
      if (delayMs === null || this.#isHungUp) return false;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      if (this.#isHungUp) return false;
      const socket = this.initializeWebsocket();
      socket.connectionTimeout = ATTEMPT_TIMEOUT_MS;
      const timeout = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error("timed out")), ATTEMPT_TIMEOUT_MS),
      );
      try {
        await Promise.race([socket.connect(), timeout]);
        this.#internals._ws = socket;
        this.sendReadyMessage();
        return true;
      } catch {
        await socket.close();
      }
    }
  }
}

export function createWebSocket(
  admission: Extract<Admission, { transport: "websocket" }>,
  options: TransportOptions,
): CallTransport {
  const media = createCallMedia(WavMediaManager, options, RECORDER_HZ, true);
  const transport = new CallTransportOverWebSocket({
    mediaManager: media,
    serializer: new ProtobufFrameSerializer(),
    recorderSampleRate: RECORDER_HZ,
  });
  transport.onLink = options.onLink;
  return {
    transport,
    connectParams: { wsUrl: admission.socketUrl },
    botLevel: media.playbackLevel,
    setSecret: (secret, resumeS) => transport.setSecret(secret, resumeS),
    settled: async () => {},
    flush: () => media.flush(),
  };
}
