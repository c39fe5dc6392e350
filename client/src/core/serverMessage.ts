/** The messages Offhook's server sends besides RTVI's own, read with suspicion. */

import { parseModels } from "./api";
import type { EndReason, Latency, Models, Notice } from "./state";

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
  operator: "operator",
  last_resort: "bot",
  error: "error",
  failed_to_start: "error",
};

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
