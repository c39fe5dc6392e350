import { describe, expect, it } from "vitest";

import {
  canTypeInstead,
  failureOfMicrophone,
  failureOfOffer,
  failureOfProblem,
  type FailureCode,
} from "../../src/core/failure";
import { wordsOfEnding, wordsOfFailure } from "../../src/core/wording";

const named = (name: string) => Object.assign(new Error("no"), { name });

describe("a refused call", () => {
  it.each<[number, unknown, FailureCode]>([
    [401, {}, "not-allowed"],
    [403, {}, "not-allowed"],
    [404, { code: "unknown_bot" }, "unknown-bot"],
    [409, {}, "token-expired"],
    [429, {}, "rate-limited"],
    [503, { code: "at_capacity" }, "full"],
    [503, { code: "draining" }, "draining"],
    [503, { code: "warming" }, "warming"],
    [502, { code: "provider_refused" }, "bot-broken"],
    [503, { code: "models_failed" }, "bot-broken"],
    [403, { code: "origin_refused" }, "origin-refused"],
    [500, null, "server-error"],
    [502, "not json", "server-error"],
  ])("with %i %j is %s", (status, body, code) => {
    expect(failureOfProblem(status, body).code).toBe(code);
  });

  it("says when to come back, by the body before the header", () => {
    expect(failureOfProblem(503, { retry_after_s: 4.2 }, "30").retryAfterS).toBe(5);
    expect(failureOfProblem(503, {}, "30").retryAfterS).toBe(30);
    expect(failureOfProblem(503, { retry_after_s: "soon" }, null).retryAfterS).toBeUndefined();
    expect(failureOfProblem(503, {}, "Wed, 21 Oct 2026 07:28:00 GMT").retryAfterS).toBeUndefined();
  });
});

it.each<[number, FailureCode]>([
  [401, "token-expired"],
  [404, "token-expired"],
  [429, "rate-limited"],
  [503, "full"],
  [500, "server-error"],
])("a refused offer with %i is %s", (status, code) => {
  expect(failureOfOffer(status).code).toBe(code);
});

it.each<[string, FailureCode]>([
  ["NotAllowedError", "microphone-denied"],
  ["NotFoundError", "microphone-missing"],
  ["OverconstrainedError", "microphone-missing"],
  ["NotReadableError", "microphone-busy"],
  ["TypeError", "microphone-failed"],
])("a microphone that gives %s is %s, and typing goes on", (name, code) => {
  const failure = failureOfMicrophone(named(name));
  expect(failure.code).toBe(code);
  expect(canTypeInstead(failure.code)).toBe(true);
  expect(wordsOfFailure(failure).text).toMatch(/type instead/i);
});

it("a bot whose service refuses it is out of order: which, and that calling again is no use", () => {
  const detail = "This bot's brain cannot be used.";
  const { title, text } = wordsOfFailure({ code: "bot-broken", detail });
  expect(title).toBe("This bot is out of order");
  expect(text).toMatch(/^This bot's brain cannot be used\. Calling again will not help/);
  expect(wordsOfEnding("error", { code: "provider_refused", message: detail }).text).toBe(text);
});

it("a fault of the server's is told in the server's words", () => {
  expect(wordsOfFailure({ code: "server-error", detail: "The ears are missing." }).text).toBe(
    "The ears are missing.",
  );
});
