/** What a call needs of a transport, whichever it is. */

import type { Transport } from "@pipecat-ai/client-js";

import type { Admission } from "../api";
import type { LevelReader } from "../level";
import type { MediaOptions } from "./media";

/**
 * - `lost`: it broke, and is being brought back.
 * - `restored`: it is back, and so is the call.
 * - `closed`: the server hung up.
 * - `gone`: it broke and cannot be brought back.
 */
export type LinkEvent = "lost" | "restored" | "closed" | "gone";

export interface TransportOptions extends MediaOptions {
  onLink(event: LinkEvent): void;
}

export interface CallTransport {
  transport: Transport;
  /** What `PipecatClient.connect` takes. */
  connectParams: unknown;
  /** How loud the bot is; null where its sound is a track. */
  botLevel: LevelReader | null;
  /** The secret takes over from the token, which the first connection has spent. */
  setSecret(secret: string, resumeS: number): void;
  /** Resolves once nothing is under way that could start the bot. */
  settled(): Promise<void>;
  /** Stops sound that has arrived and has not been played. */
  flush(): void;
}

/** Loads the transport's code when it is needed, and not before. */
export async function createTransport(
  admission: Admission,
  options: TransportOptions,
): Promise<CallTransport> {
  if (admission.transport === "webrtc") {
    const { createWebRTC } = await import("./webrtc");
    return createWebRTC(admission, options);
  }
  const { createWebSocket } = await import("./websocket");
  return createWebSocket(admission, options);
}
