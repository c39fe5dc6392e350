/** What can go wrong with a call, and how a refusal of the browser or the server becomes one. */

export type FailureCode =
  | "microphone-denied"
  | "microphone-missing"
  | "microphone-busy"
  | "microphone-failed"
  | "insecure-origin"
  | "full"
  | "warming"
  | "draining"
  | "rate-limited"
  | "unknown-bot"
  | "not-allowed"
  | "origin-refused"
  | "bot-broken"
  | "token-expired"
  | "server-unreachable"
  | "server-error"
  | "connection-failed"
  | "connection-lost";

export interface Failure {
  code: FailureCode;
  /** What the server said of it, in a sentence. */
  detail?: string;
  /** When it is worth calling again, in seconds from now. */
  retryAfterS?: number;
}

/** Carries a Failure through a rejected promise. */
export class CallError extends Error {
  override readonly name = "CallError";

  constructor(readonly failure: Failure) {
    super(failure.detail ?? failure.code);
  }
}

/** The body of an `application/problem+json` answer, as far as it can be trusted. */
interface Problem {
  code?: unknown;
  detail?: unknown;
  retry_after_s?: unknown;
}

const seconds = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0
    ? Math.ceil(number)
    : undefined;
};

/** Where the server's own code says more than the status does. */
const CODES: Record<string, FailureCode> = {
  draining: "draining",
  warming: "warming",
  origin_refused: "origin-refused",
  provider_refused: "bot-broken",
  models_failed: "bot-broken",
};

const codeOfProblem = (status: number, code: unknown): FailureCode => {
  const known = typeof code === "string" ? CODES[code] : undefined;
  if (known) return known;
  switch (status) {
    case 401:
    case 403:
      return "not-allowed";
    case 404:
      return "unknown-bot";
    case 409:
    case 410:
      return "token-expired";
    case 429:
      return "rate-limited";
    case 503:
      return "full";
    default:
      return "server-error";
  }
};

/** What an HTTP refusal of `POST /api/calls` means to the caller. */
export function failureOfProblem(
  status: number,
  body: unknown,
  retryAfter: string | null = null,
): Failure {
  const problem: Problem = typeof body === "object" && body !== null ? body : {};
  const failure: Failure = { code: codeOfProblem(status, problem.code) };
  if (typeof problem.detail === "string" && problem.detail !== "") failure.detail = problem.detail;
  const retryAfterS = seconds(problem.retry_after_s) ?? seconds(retryAfter);
  if (retryAfterS !== undefined) failure.retryAfterS = retryAfterS;
  return failure;
}

/** What a refused WebRTC offer means: the token was this call's own, so a 4xx says it is stale. */
export function failureOfOffer(status: number): Failure {
  if (status >= 400 && status < 500) {
    return { code: status === 429 ? "rate-limited" : "token-expired" };
  }
  return { code: status === 503 ? "full" : "server-error" };
}

/** What a rejected `getUserMedia` means. */
export function failureOfMicrophone(error: unknown): Failure {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
    case "PermissionDeniedError":
      return { code: "microphone-denied" };
    case "NotFoundError":
    case "OverconstrainedError":
    case "DevicesNotFoundError":
      return { code: "microphone-missing" };
    case "NotReadableError":
    case "AbortError":
    case "TrackStartError":
      return { code: "microphone-busy" };
    default:
      return { code: "microphone-failed" };
  }
}

/** Whether the call can go on without a microphone, by typing. */
export const canTypeInstead = (code: FailureCode): boolean =>
  code === "microphone-denied" ||
  code === "microphone-missing" ||
  code === "microphone-busy" ||
  code === "microphone-failed";

/** What failed, where a call could not be made. */
export const failureOf = (error: unknown): Failure =>
  error instanceof CallError ? error.failure : { code: "connection-failed" };
