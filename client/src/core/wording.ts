/** What the page says: a failure's words, an ending's words, names of stages, times. */

import type { Failure, FailureCode } from "./failure";
import type {
  AgentState,
  CallState,
  EndReason,
  Floor,
  Models,
  Notice,
  Phase,
  TurnEnd,
} from "./state";

const AFTER_A_REFUSAL =
  "Calling again will not help until whoever runs it has mended that; the server's log says what.";

export interface Words {
  title: string;
  /** What happened, and what the caller can do about it. */
  text: string;
}

const FAILURES: Record<FailureCode, Words> = {
  "microphone-denied": {
    title: "The microphone is blocked",
    text: "This page may not use your microphone. Allow it in the address bar and call again, or type instead.",
  },
  "microphone-missing": {
    title: "No microphone found",
    text: "Plug one in or pair a headset and call again, or type instead.",
  },
  "microphone-busy": {
    title: "The microphone is in use",
    text: "Another app is holding it. Close that app and call again, or type instead.",
  },
  "microphone-failed": {
    title: "The microphone did not start",
    text: "The browser gave no reason. Choose another microphone or type instead.",
  },
  "insecure-origin": {
    title: "This address cannot use sound",
    text: "Browsers give a microphone only to https and to localhost. Open this page over https (offhook serve --tls) or on the machine itself.",
  },
  full: {
    title: "All lines are busy",
    text: "Every place is taken right now. One should come free shortly.",
  },
  warming: {
    title: "Still waking up",
    text: "The bot's models are being loaded, which takes a moment after a start.",
  },
  draining: {
    title: "Closing for a moment",
    text: "The server is shutting down or being updated and takes no new calls.",
  },
  "rate-limited": {
    title: "Too many calls in a row",
    text: "Wait a little before the next one.",
  },
  "unknown-bot": {
    title: "Nobody by that name",
    text: "This bot does not answer here. It may have been renamed or taken off.",
  },
  "not-allowed": {
    title: "This line is private",
    text: "This bot does not take calls from a link.",
  },
  "origin-refused": {
    title: "This address may not call",
    text: "The server does not know this page's address. Whoever runs it can set OFFHOOK_PUBLIC_URL to it.",
  },
  "bot-broken": {
    title: "This bot is out of order",
    text: `A service it needs turns it away. ${AFTER_A_REFUSAL}`,
  },
  "token-expired": {
    title: "That took too long",
    text: "The invitation to this call has run out. Call again for a new one.",
  },
  "server-unreachable": {
    title: "No answer from the server",
    text: "Check that you are online and that the server is running, then call again.",
  },
  "server-error": {
    title: "The server stumbled",
    text: "It could not set up the call. Trying again often helps.",
  },
  "connection-failed": {
    title: "The call did not get through",
    text: "Neither way of connecting worked. A firewall or a VPN may be in between.",
  },
  "connection-lost": {
    title: "The connection was lost",
    text: "It could not be brought back in time. What was said is still on this page.",
  },
};

export function wordsOfFailure({ code, detail }: Failure): Words {
  const words = FAILURES[code];
  if (!detail) return words;
  // The server knows which limit was hit; the page's own words are for what it cannot know.
  if (code === "server-error") return { ...words, text: detail };
  // Which of its services it is; what to do about it is the page's to say.
  return code === "bot-broken" ? { ...words, text: `${detail} ${AFTER_A_REFUSAL}` } : words;
}

const ENDINGS: Record<EndReason, Words> = {
  caller: { title: "You hung up", text: "" },
  bot: { title: "The call has ended", text: "The other side hung up." },
  limit: { title: "Time is up", text: "This line has a limit on how long a call may last." },
  drain: { title: "The server closed", text: "It is shutting down. Call again in a moment." },
  silence: { title: "It went quiet", text: "Nobody spoke for a while, so the line was freed." },
  operator: { title: "The call was ended", text: "An operator closed it." },
  error: { title: "The call broke off", text: "The bot ran into a fault. Calling again often helps." },
};

/** The server's last notice says more of a fault than the page can know. */
export function wordsOfEnding(reason: EndReason, notice: Notice | null = null): Words {
  const words = ENDINGS[reason];
  if (reason !== "error" || !notice) return words;
  if (notice.code === "provider_refused") {
    return wordsOfFailure({ code: "bot-broken", detail: notice.message });
  }
  return { ...words, text: notice.message };
}

const PHASES: Partial<Record<Phase, string>> = {
  microphone: "Asking for your microphone",
  dialing: "Dialing",
  connecting: "Connecting",
  reconnecting: "Reconnecting",
};

const AGENT: Record<AgentState, string> = {
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
};

export const wordsOfMoment = (phase: Phase, agent: AgentState): string =>
  phase === "live" ? AGENT[agent] : (PHASES[phase] ?? "");

const FLOORS: Record<Floor, string> = {
  duck: "Speaking lower: was that you?",
  resume: "Only a sound. Going on.",
  backchannel: "Going on.",
};

/** What a model does for the bot, in a word. */
export const ROLES: Record<keyof Models, string> = { stt: "Ears", llm: "Brain", tts: "Voice" };

/** What has just become of the conversation, worth a line for a few seconds; empty for nothing. */
export function wordsOfAside({ floor, switched }: Pick<CallState, "floor" | "switched">): string {
  if (floor) return FLOORS[floor];
  return switched ? `${ROLES[switched.kind]} switched to ${switched.to}.` : "";
}

const CUES: Record<string, string> = {
  question: "You had asked a question",
  answer: "You had answered",
  thanks: "You had said your thanks",
};

const TURN_ENDS: Record<string, string> = {
  model: "You sounded finished",
  words: "Your words were complete",
  patience: "You said no more",
  provider: "The recogniser took it for your end",
};

/** Why the bot took its turn, in a sentence or two. */
export function wordsOfTurnEnd({ why, cue, silenceMs, withdrawn }: TurnEnd): string {
  const cause = (why === "words" && CUES[cue]) || TURN_ENDS[why] || "Nothing more came";
  const first = `${cause}: its turn after ${inSeconds(silenceMs)} of quiet.`;
  return withdrawn > 0 ? `${first} An answer begun too early was dropped.` : first;
}

const STAGE_NAMES: Record<string, string> = {
  endpoint: "Waiting for you to finish",
  stt: "Hearing",
  turn: "Deciding it is its turn",
  llm: "Thinking",
  tool: "Looking it up",
  clause: "Finding the first words",
  tts: "Finding its voice",
  pipeline: "Passing it along",
};

export const stageName = (stage: string): string => STAGE_NAMES[stage] ?? stage;

/** `0.8 s`: what a person feels, not what a log needs. */
export const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;

/** `2:05`. */
export function asClock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, "0")}`;
}

/** `English`, in the reader's own language; the tag itself where the browser does not know it. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([navigator.language, "en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Whether a title is set smaller, so that it takes no more than about three lines. */
export const isLongTitle = (title: string): boolean => title.length > 24;
