import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ANSWER_TIMEOUT_MS, listBots, requestCall } from "../../src/core/api";

/** A server that takes the connection and says nothing. */
function silence(_path: string, init: RequestInit): Promise<Response> {
  return new Promise((_, reject) => {
    init.signal?.addEventListener("abort", () => reject(new DOMException("gone", "AbortError")));
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", silence);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("takes a server that does not answer for one that cannot be reached", async () => {
  const failure = listBots().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(ANSWER_TIMEOUT_MS);
  expect(await failure).toMatchObject({ failure: { code: "server-unreachable" } });
});

it("tells a caller who hangs up of no failure", async () => {
  const attempt = new AbortController();
  const failure = requestCall("pirate", "webrtc", attempt.signal).catch((error: unknown) => error);
  attempt.abort();
  expect(await failure).toMatchObject({ name: "AbortError" });
});
