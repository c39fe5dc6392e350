/** The server's HTTP side: which bots there are, and asking for a call. */

import { CallError, failureOfProblem } from "./failure";
import type { Models, TransportKind } from "./state";

export interface Bot {
  name: string;
  title: string;
  description: string;
  /** BCP 47 tags; the first is the default. */
  languages: readonly string[];
  models: Models;
  /** Whether its models are loaded. */
  isWarm: boolean;
}

/** A place in a call, and what joining it takes. */
export type Admission = { sessionId: string } & (
  | {
      transport: "webrtc";
      offerUrl: string;
      token: string;
      iceServers: RTCIceServer[];
    }
  | { transport: "websocket"; socketUrl: string }
);

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** A call may wait 5 s for its bot to warm up; a server that takes four times that does not answer. */
export const ANSWER_TIMEOUT_MS = 20_000;

async function request(path: string, init: RequestInit = {}): Promise<unknown> {
  const bound = new AbortController();
  const timer = setTimeout(() => bound.abort(), ANSWER_TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, bound.signal]) : bound.signal;
  const headers = { Accept: "application/json", ...init.headers };
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new CallError({ code: "server-unreachable" });
  } finally {
    clearTimeout(timer);
  }
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    throw new CallError(
      failureOfProblem(response.status, body, response.headers.get("Retry-After")),
    );
  }
  return body;
}

/** Models as the server names them; null stands for one it does not name. */
export function parseModels(value: unknown): Models {
  const models = isObject(value) ? value : {};
  return {
    stt: text(models.stt) || null,
    llm: text(models.llm) || null,
    tts: text(models.tts) || null,
  };
}

/** `front-desk` reads as `Front desk` where a bot has no title. */
const titleOf = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replace(/[-_]+/g, " ");

function parseBot(value: unknown): Bot | null {
  if (!isObject(value) || text(value.name) === "") return null;
  const name = text(value.name);
  return {
    name,
    title: text(value.title) || titleOf(name),
    description: text(value.description),
    languages: Array.isArray(value.language) ? value.language.filter((tag) => text(tag)) : [],
    models: parseModels(value.models),
    isWarm: value.warm !== false,
  };
}

/**
 * The bots that answer a link.
 *
 * Raises: CallError when the server cannot be reached or refuses.
 */
export async function listBots(signal?: AbortSignal): Promise<Bot[]> {
  const body = await request("/api/bots", signal ? { signal } : {});
  const bots = isObject(body) && Array.isArray(body.bots) ? body.bots : [];
  return bots.map(parseBot).filter((bot) => bot !== null);
}

/** The page's own scheme wins: behind a proxy that ends TLS the server may not know of it. */
export function socketUrl(given: string, page: Location | URL = window.location): string {
  const url = new URL(given, page.href);
  const isSecure = page.protocol === "https:" || url.protocol === "wss:" || url.protocol === "https:";
  url.protocol = isSecure ? "wss:" : "ws:";
  return url.href;
}

function parseAdmission(body: unknown): Admission | null {
  if (!isObject(body)) return null;
  const sessionId = text(body.session_id);
  const { webrtc, websocket } = body;
  if (sessionId && isObject(webrtc) && text(webrtc.offer_url)) {
    return {
      sessionId,
      transport: "webrtc",
      offerUrl: text(webrtc.offer_url),
      token: text(body.token),
      iceServers: Array.isArray(webrtc.ice_servers) ? webrtc.ice_servers : [],
    };
  }
  if (sessionId && isObject(websocket) && text(websocket.url)) {
    return { sessionId, transport: "websocket", socketUrl: socketUrl(text(websocket.url)) };
  }
  return null;
}

/**
 * Asks for a place in a call.
 *
 * Raises: CallError, saying when to ask again where the server does.
 */
export async function requestCall(
  bot: string,
  transport: TransportKind,
  signal: AbortSignal,
): Promise<Admission> {
  const body = await request("/api/calls", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ bot, transport }),
    signal,
  });
  const admission = parseAdmission(body);
  if (admission?.transport !== transport) throw new CallError({ code: "server-error" });
  return admission;
}

/**
 * Gives the place back, with the session's secret, or with its token before it is joined; the cookie
 * of the call stands in for a secret not known yet. `keepalive` lets it outlive the page.
 */
export async function endCall(sessionId: string, credential: string): Promise<void> {
  await fetch(`/api/calls/${encodeURIComponent(sessionId)}`, {
    method: "DELETE",
    keepalive: true,
    headers: { Authorization: `Bearer ${credential}` },
  }).catch(() => undefined);
}
