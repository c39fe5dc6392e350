/** Which of the six telephones is a bot's: its place in the list, or its name before that is known. */

import type { Bot } from "./api";

const TONES = 6;

export function toneOf(name: string, bots: readonly Bot[]): number {
  const index = bots.findIndex((bot) => bot.name === name);
  if (index >= 0) return index % TONES;
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0) ?? 0;
  return sum % TONES;
}
