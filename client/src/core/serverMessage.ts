/** The messages Offhook's server sends besides RTVI's own, read with suspicion. */

import { parseModels } from "./api";
import type { EndReason, Floor, Latency, Models, Notice, Switch, TurnEnd } from "./state";

export type ServerMessage =
  | {
      type: "session";
      sessionId: string;
      secret: string | null;
      resumeS: number;
      botTitle: string | null;
      models: Models | null;
      durationLimitS: number | null;
    }
  | { type: "latency"; latency: Latency }
  | { type: "turn-ended"; end: TurnEnd }
  | { type: "floor"; floor: Floor | "interruption" }
  | ({ type: "switched" } & Switch)
  | { type: "notice"; notice: Notice }
  | { type: "end"; reason: EndReason };

/** The order of the pipeline; a stage the page does not know comes after these. */
const STAGES = ["endpoint", "stt", "turn", "llm", "tool", "clause", "tts", "pipeline"];

/** How long a lost connection may be taken up again, where the server does not say. */
export const DEFAULT_RESUME_S = 30;

const END_REASONS: Record<string, EndReason> = {
  caller_hung_up: "caller",
  duration_limit: "limit",
  drain: "drain",
  idle: "silence",
  caller_quiet: "silence",
  operator: "operator",
  last_resort: "bot",
  error: "error",
  bad_message: "error",
  failed_to_start: "error",
};

/** A sound that was ignored is not worth a word. */
const FLOORS = ["duck", "resume", "backchannel", "interruption"] as const;
const KINDS = ["stt", "llm", "tts"] as const;

const finite = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

const rank = (stage: string): number => {
  const index = STAGES.indexOf(stage);
  return index < 0 ? STAGES.length : index;
};

function parseLatency(data: Record<string, unknown>): Latency | null {
  const totalMs = finite(data.total_ms);
  if (totalMs === null || totalMs < 0) return null;
  const stages = Object.entries(Object(data.stages_ms) as Record<string, unknown>)
    .map(([name, ms]) => ({ name, ms: finite(ms) ?? 0 }))
    .filter((stage) => stage.ms > 0)
    .toSorted((a, b) => rank(a.name) - rank(b.name));
  return { turn: finite(data.turn) ?? 0, totalMs, stages };
}

/** Null for anything that is not Offhook's, or does not hold. */
export function parseServerMessage(value: unknown): ServerMessage | null {
  if (typeof value !== "object" || value === null) return null;
  const data = value as Record<string, unknown>;
  switch (data.type) {
    case "offhook/session":
      return {
        type: "session",
        sessionId: text(data.session_id) ?? "",
        secret: text(data.session_secret),
        resumeS: finite(data.resume_s) ?? DEFAULT_RESUME_S,
        botTitle: text(data.bot_title),
        models: data.models ? parseModels(data.models) : null,
        durationLimitS: finite(data.duration_s),
      };
    case "offhook/latency": {
      const latency = parseLatency(data);
      return latency && { type: "latency", latency };
    }
    case "offhook/turn": {
      const silenceMs = finite(data.silence_ms);
      if (data.event !== "ended" || silenceMs === null) return null;
      const end = { why: text(data.why) ?? "", cue: text(data.cue) ?? "", silenceMs };
      return { type: "turn-ended", end: { ...end, withdrawn: finite(data.withdrawn) ?? 0 } };
    }
    case "offhook/floor": {
      const floor = FLOORS.find((known) => known === data.event);
      return floor ? { type: "floor", floor } : null;
    }
    case "offhook/switch": {
      const kind = KINDS.find((known) => known === data.kind);
      const to = text(data.to);
      return kind && to ? { type: "switched", kind, to } : null;
    }
    case "offhook/notice": {
      const message = text(data.message);
      return message === null
        ? null
        : { type: "notice", notice: { code: text(data.code) ?? "notice", message } };
    }
    case "offhook/end":
      return { type: "end", reason: END_REASONS[text(data.reason) ?? ""] ?? "bot" };
    default:
      return null;
  }
}
