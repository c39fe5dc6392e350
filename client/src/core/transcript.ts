/** The written conversation, built from transcription and speech events. Pure. */

/** A stretch of the bot's text: what was spoken so far, and what is about to be. */
export interface Segment {
  id: number | null;
  spoken: string;
  upcoming: string;
}

export interface UserEntry {
  id: number;
  speaker: "user";
  via: "voice" | "text";
  /** What is settled, one item a pause. */
  said: readonly string[];
  /** The guess at what is being said now; empty when settled. */
  interim: string;
  isOpen: boolean;
}

export interface BotEntry {
  id: number;
  speaker: "bot";
  segments: readonly Segment[];
  isOpen: boolean;
  /** Whether the caller cut it off before all was spoken. */
  isInterrupted: boolean;
}

export type Entry = UserEntry | BotEntry;
type Transcript = readonly Entry[];

/** The words of an entry that were said or heard. */
export const textOf = (entry: Entry): string =>
  entry.speaker === "user"
    ? [...entry.said, entry.interim].filter(Boolean).join(" ")
    : joined(entry.segments.map((segment) => segment.spoken));

/** What the bot is about to say and has not said. */
export const upcomingOf = (entry: BotEntry): string =>
  joined(entry.segments.map((segment) => segment.upcoming));

const joined = (parts: readonly string[]): string =>
  parts
    .map((part) => part.trim())
    .filter(Boolean)
    .join(" ");

const nextId = (transcript: Transcript): number => (transcript.at(-1)?.id ?? 0) + 1;

const replaceAt = (transcript: Transcript, index: number, entry: Entry): Transcript =>
  transcript.map((old, i) => (i === index ? entry : old));

/** Closes the last entry; a guess that never settled and a turn that never spoke disappear. */
export function closed(transcript: Transcript): Transcript {
  const last = transcript.at(-1);
  if (!last?.isOpen) return transcript;
  const rest = transcript.slice(0, -1);
  if (last.speaker === "user") {
    return last.said.length === 0 ? rest : [...rest, { ...last, interim: "", isOpen: false }];
  }
  return [...rest, { ...last, isOpen: false }];
}

/** The caller's words: a guess replaces the guess before it, a final one settles it. */
export function withUserSpeech(
  transcript: Transcript,
  text: string,
  isFinal: boolean,
): Transcript {
  const words = text.trim();
  const last = transcript.at(-1);
  if (last?.speaker === "user" && last.isOpen && last.via === "voice") {
    const said = isFinal && words !== "" ? [...last.said, words] : last.said;
    const entry = { ...last, said, interim: isFinal ? "" : words };
    return said.length === 0 && entry.interim === ""
      ? transcript.slice(0, -1)
      : [...transcript.slice(0, -1), entry];
  }
  if (words === "") return transcript;
  const before = closed(transcript);
  const entry: UserEntry = {
    id: nextId(transcript),
    speaker: "user",
    via: "voice",
    said: isFinal ? [words] : [],
    interim: isFinal ? "" : words,
    isOpen: true,
  };
  return [...before, entry];
}

/** A typed line is an entry of its own. */
export function withUserText(transcript: Transcript, text: string): Transcript {
  const entry: UserEntry = {
    id: nextId(transcript),
    speaker: "user",
    via: "text",
    said: [text.trim()],
    interim: "",
    isOpen: false,
  };
  return [...closed(transcript), entry];
}

/**
 * The bot's words. A segment already known is updated where it stands, even if the caller has said
 * something since; a new one joins the bot's open turn, or opens one.
 */
export function withBotSegment(transcript: Transcript, segment: Segment): Transcript {
  if (segment.id !== null) {
    const index = transcript.findLastIndex(
      (entry) =>
        entry.speaker === "bot" && entry.segments.some((known) => known.id === segment.id),
    );
    const entry = transcript[index];
    if (entry?.speaker === "bot") {
      // A report that was on its way when the bot was cut off still tells what was heard.
      const told = entry.isInterrupted ? { ...segment, upcoming: "" } : segment;
      const segments = entry.segments.map((known) => (known.id === segment.id ? told : known));
      return replaceAt(transcript, index, { ...entry, segments });
    }
  }
  if (segment.spoken.trim() === "" && segment.upcoming.trim() === "") return transcript;
  const last = transcript.at(-1);
  if (last?.speaker === "bot" && last.isOpen) {
    return [...transcript.slice(0, -1), { ...last, segments: [...last.segments, segment] }];
  }
  const entry: BotEntry = {
    id: nextId(transcript),
    speaker: "bot",
    segments: [segment],
    isOpen: true,
    isInterrupted: false,
  };
  return [...closed(transcript), entry];
}

/** The bot was cut off: what it did not say leaves the page. */
export function interrupted(transcript: Transcript): Transcript {
  const index = transcript.findLastIndex((entry) => entry.speaker === "bot");
  const entry = transcript[index];
  if (entry?.speaker !== "bot" || entry.isInterrupted) return transcript;
  const segments = entry.segments
    .map((segment) => ({ ...segment, upcoming: "" }))
    .filter((segment) => segment.spoken.trim() !== "");
  if (segments.length === 0) return transcript.filter((_, i) => i !== index);
  return replaceAt(transcript, index, { ...entry, segments, isOpen: false, isInterrupted: true });
}
