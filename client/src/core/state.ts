/** What the page knows of a call, as one plain value. Times are milliseconds since the epoch. */

import type { Failure } from "./failure";
import type { Entry } from "./transcript";

export type TransportKind = "webrtc" | "websocket";

/**
 * ```
 * idle -> microphone -> dialing -> connecting -> live <-> reconnecting
 *                                      any of them -> ended | failed -> microphone
 * ```
 */
export type Phase =
  | "idle"
  | "microphone"
  | "dialing"
  | "connecting"
  | "live"
  | "reconnecting"
  | "ended"
  | "failed";

export type AgentState = "listening" | "thinking" | "speaking";

export type EndReason = "caller" | "bot" | "limit" | "drain" | "silence" | "operator" | "error";

export interface Models {
  stt: string | null;
  llm: string | null;
  tts: string | null;
}

/** One answered turn: from the end of the caller's speech to the bot's first sound. */
export interface Latency {
  turn: number;
  totalMs: number;
  /** Adds up to `totalMs`, in the order of the pipeline. */
  stages: readonly { name: string; ms: number }[];
}

export interface Notice {
  code: string;
  message: string;
}

/** What became of a sound over the bot: lowered while in doubt, then going on. */
export type Floor = "duck" | "resume" | "backchannel";

/** A model that took over, and of what. */
export interface Switch {
  kind: keyof Models;
  to: string;
}

/** Why the caller's turn was taken to be over. */
export interface TurnEnd {
  why: string;
  /** What the words were, where they decided; empty for nothing in particular. */
  cue: string;
  /** From the caller's last sound to the decision. */
  silenceMs: number;
  /** Answers begun too early and thrown away. */
  withdrawn: number;
}

export interface CallState {
  phase: Phase;
  transport: TransportKind | null;
  /** Whether WebRTC did not get through and WebSocket took over. */
  hasFallenBack: boolean;
  hasMicrophone: boolean;
  isMuted: boolean;
  agent: AgentState;
  isUserSpeaking: boolean;
  transcript: readonly Entry[];
  latencies: readonly Latency[];
  /** How the turn before the last answer ended. */
  turnEnd: TurnEnd | null;
  /** While the bot speaks; null when nobody spoke over it. */
  floor: Floor | null;
  /** The last model to take over; null again once the conversation goes on. */
  switched: Switch | null;
  models: Models | null;
  botTitle: string | null;
  /** The longest the call may last; null is no limit. */
  durationLimitS: number | null;
  liveAt: number | null;
  endedAt: number | null;
  endReason: EndReason | null;
  failure: Failure | null;
  notice: Notice | null;
}

export const INITIAL_STATE: CallState = {
  phase: "idle",
  transport: null,
  hasFallenBack: false,
  hasMicrophone: true,
  isMuted: false,
  agent: "listening",
  isUserSpeaking: false,
  transcript: [],
  latencies: [],
  turnEnd: null,
  floor: null,
  switched: null,
  models: null,
  botTitle: null,
  durationLimitS: null,
  liveAt: null,
  endedAt: null,
  endReason: null,
  failure: null,
  notice: null,
};

/** A call is being set up. */
export const isDialing = (phase: Phase): boolean =>
  phase === "microphone" || phase === "dialing" || phase === "connecting";

/** A call is up, or is being brought back. */
export const isInCall = (phase: Phase): boolean => phase === "live" || phase === "reconnecting";

/** No call is up, and one may be started. */
export const isOver = (phase: Phase): boolean =>
  phase === "idle" || phase === "ended" || phase === "failed";
