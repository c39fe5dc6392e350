/** What the caller chose, kept in the browser. A browser that keeps nothing is fine too. */

import type { TransportKind } from "./state";

export type Theme = "system" | "light" | "dark";
export type TransportChoice = "auto" | TransportKind;

export interface Preferences {
  theme: Theme;
  transport: TransportChoice;
  microphoneId: string | null;
  speakerId: string | null;
}

const KEY = "offhook";

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  transport: "auto",
  microphoneId: null,
  speakerId: null,
};

const oneOf = <T extends string>(value: unknown, allowed: readonly T[], fallback: T): T =>
  allowed.find((item) => item === value) ?? fallback;
const id = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;

export function loadPreferences(): Preferences {
  try {
    const stored = Object(JSON.parse(localStorage.getItem(KEY) ?? "{}")) as Record<string, unknown>;
    return {
      theme: oneOf(stored.theme, ["system", "light", "dark"], "system"),
      transport: oneOf(stored.transport, ["auto", "webrtc", "websocket"], "auto"),
      microphoneId: id(stored.microphoneId),
      speakerId: id(stored.speakerId),
    };
  } catch {
    return DEFAULT_PREFERENCES;
  }
}

export function savePreferences(changes: Partial<Preferences>): Preferences {
  const preferences = { ...loadPreferences(), ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Storage is blocked or full: the choice holds until the page is left.
  }
  return preferences;
}

/** `?transport=websocket` in the address wins over what was chosen. */
export function transportFromAddress(search: string): TransportChoice | null {
  const value = new URLSearchParams(search).get("transport");
  return value === "webrtc" || value === "websocket" ? value : null;
}
