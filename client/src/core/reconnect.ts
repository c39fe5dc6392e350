/** When to try again after a lost connection. Pure: time comes as data. */

/** A try that has not succeeded after this long is given up. */
export const ATTEMPT_TIMEOUT_MS = 5_000;

const DELAYS_MS = [250, 750, 1_500, 3_000];

/** How long to wait before try number `attempt` (from 0); null once the window has closed. */
export function nextDelayMs(attempt: number, elapsedMs: number, windowMs: number): number | null {
  const delay = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
  return elapsedMs + delay < windowMs ? delay : null;
}

/** The address that takes up a WebSocket call: the same, with the secret in place of the token. */
export function resumeUrl(socketUrl: string, secret: string): string {
  const url = new URL(socketUrl);
  url.searchParams.delete("token");
  url.searchParams.set("secret", secret);
  url.searchParams.set("resume", "1");
  return url.href;
}
