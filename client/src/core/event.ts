/** Everything that can happen to a call. `at` is milliseconds since the epoch. */

import type { Failure } from "./failure";
import type {
  EndReason,
  Floor,
  Latency,
  Models,
  Notice,
  Switch,
  TransportKind,
  TurnEnd,
} from "./state";
import type { Segment } from "./transcript";

export type CallEvent =
  // setting up
  | { type: "call"; hasMicrophone: boolean }
  | { type: "microphone-ready" }
  | { type: "admitted"; transport: TransportKind }
  | { type: "fell-back" }
  | { type: "connected"; at: number }
  | { type: "session"; models: Models | null; botTitle: string | null; durationLimitS: number | null }
  // the connection
  | { type: "connection-dropped" }
  | { type: "connection-restored" }
  // the conversation
  | { type: "user-started-speaking" }
  | { type: "user-stopped-speaking" }
  | { type: "user-transcript"; text: string; isFinal: boolean }
  | { type: "user-typed"; text: string }
  | { type: "bot-thinking" }
  | { type: "bot-thought-lapsed" }
  | { type: "bot-started-speaking" }
  | { type: "bot-stopped-speaking" }
  | { type: "bot-output"; segment: Segment }
  | { type: "latency"; latency: Latency }
  | { type: "turn-ended"; end: TurnEnd }
  | { type: "floor"; floor: Floor | "interruption" }
  | ({ type: "switched" } & Switch)
  | { type: "notice"; notice: Notice }
  | { type: "notice-dismissed" }
  | { type: "muted"; isMuted: boolean }
  // the end
  | { type: "ended"; reason: EndReason; at: number }
  | { type: "failed"; failure: Failure; at: number };
