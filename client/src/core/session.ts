/** One call from the page's side: a thin shell round the reducer that owns the PipecatClient. */

import { type BotOutputData, type PipecatClient, type RTVIEventCallbacks } from "@pipecat-ai/client-js";

import { Connection, type CallOptions, type Owner } from "./connection";
import type { CallEvent } from "./event";
import { failureOf, type Failure } from "./failure";
import { SILENT, type LevelReader } from "./level";
import { BROWSER, type Outside } from "./outside";
import type { TransportChoice } from "./preferences";
import { reduce } from "./reducer";
import { parseServerMessage } from "./serverMessage";
import { INITIAL_STATE, isInCall, isOver, type CallState, type EndReason, type TransportKind } from "./state";
import type { LinkEvent } from "./transports/transport";

/** A bot that has thought this long is not going to answer. */
const THINKING_LIMIT_MS = 20_000;
/** A bot that said goodbye and is still connected after this long is cut off. */
const GOODBYE_MS = 8_000;

type Timer = ReturnType<typeof setTimeout>;

export class CallSession {
  #state: CallState = INITIAL_STATE;
  #connection: Connection | null = null;
  #attempt = new AbortController();
  #thinkingTimer: Timer | undefined;
  #linkTimer: Timer | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly bot: string,
    private readonly outside: Outside = BROWSER,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getState = (): CallState => this.#state;

  /** The client of the call at hand, for the hooks of client-react. */
  readonly getClient = (): PipecatClient | null => this.#connection?.client ?? null;

  /** How loud the bot is, where its sound does not come as a track. */
  readonly getBotLevel = (): LevelReader | null =>
    this.#connection?.link ? this.#connection.link.botLevel : SILENT;

  async call(options: CallOptions): Promise<void> {
    if (!isOver(this.#state.phase)) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#dispatch({ type: "call", hasMicrophone: options.withMicrophone });
    let release = () => {};
    try {
      this.outside.requireSecureOrigin();
      if (options.withMicrophone) {
        const microphone = await this.outside.openMicrophone(options.microphoneId);
        release = () => microphone.release();
        if (attempt.signal.aborted) return;
      }
      this.#dispatch({ type: "microphone-ready" });
      await this.#reach(transportsFor(options.transport), options, attempt.signal);
    } catch (error) {
      if (!attempt.signal.aborted) this.#fail(failureOf(error));
    } finally {
      release();
    }
  }

  hangUp(): void {
    this.#end("caller");
  }

  setMuted(isMuted: boolean): void {
    const client = this.getClient();
    if (!client || !this.#state.hasMicrophone) return;
    client.enableMic(!isMuted);
    this.#dispatch({ type: "muted", isMuted });
  }

  /** Says something in writing; the bot answers aloud. */
  say(text: string): void {
    const client = this.getClient();
    if (text.trim() === "" || this.#state.phase !== "live" || !client) return;
    this.#connection?.link?.flush();
    this.#dispatch({ type: "user-typed", text });
    void client.sendText(text.trim());
  }

  dismissNotice(): void {
    this.#dispatch({ type: "notice-dismissed" });
  }

  /** The page is being left. */
  dispose(): void {
    this.#end("caller");
    this.#listeners.clear();
  }

  #dispatch(event: CallEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    const wasThinking = this.#state.agent === "thinking";
    this.#state = next;
    if ((next.agent === "thinking") !== wasThinking) {
      clearTimeout(this.#thinkingTimer);
      if (!wasThinking) {
        this.#thinkingTimer = setTimeout(
          () => this.#dispatch({ type: "bot-thought-lapsed" }),
          THINKING_LIMIT_MS,
        );
      }
    }
    for (const listener of this.#listeners) listener();
  }

  /** Tries each transport in turn; only one that does not get through makes way for the next. */
  async #reach(
    kinds: readonly TransportKind[],
    options: CallOptions,
    signal: AbortSignal,
  ): Promise<void> {
    for (const [index, kind] of kinds.entries()) {
      const admission = await this.outside.requestCall(this.bot, kind, signal);
      if (signal.aborted) return;
      const connection = new Connection(admission, this.outside);
      this.#connection = connection;
      this.#dispatch({ type: "admitted", transport: kind });
      try {
        await connection.join(options, this.#ownerOf(connection));
        if (this.#connection === connection) {
          this.#dispatch({ type: "connected", at: this.outside.now() });
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isLast = index === kinds.length - 1;
        if (isLast || failureOf(error).code !== "connection-failed") throw error;
        await this.#leave(connection);
        this.#dispatch({ type: "fell-back" });
      }
    }
  }

  #ownerOf(connection: Connection): Owner {
    const isCurrent = () => this.#connection === connection;
    return {
      isCurrent,
      onClient: () => this.#notify(),
      onLink: (event) => {
        if (isCurrent()) this.#follow(event);
      },
      callbacks: (onConnected) => this.#callbacks(connection, onConnected),
    };
  }

  /** The client is not part of the state, and those who watch it must hear of it. */
  #notify(): void {
    this.#state = { ...this.#state };
    for (const listener of this.#listeners) listener();
  }

  #callbacks(connection: Connection, onConnected: () => void): RTVIEventCallbacks {
    const on =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.#connection === connection) handle(...args);
      };
    const send = (event: CallEvent) => this.#dispatch(event);
    return {
      onConnected: on(onConnected),
      onDisconnected: on(() => this.#follow("gone")),
      onBotDisconnected: on(() => this.#follow("closed")),
      onError: on(() =>
        send({
          type: "notice",
          notice: { code: "error", message: "Something went wrong on the way. Say it once more." },
        }),
      ),
      onServerMessage: on((data: unknown) => this.#heed(connection, data)),
      onUserStartedSpeaking: on(() => send({ type: "user-started-speaking" })),
      onUserStoppedSpeaking: on(() => send({ type: "user-stopped-speaking" })),
      onUserTranscript: on(({ text, final }) =>
        send({ type: "user-transcript", text, isFinal: final }),
      ),
      onBotLlmStarted: on(() => send({ type: "bot-thinking" })),
      onBotStartedSpeaking: on(() => send({ type: "bot-started-speaking" })),
      onBotStoppedSpeaking: on(() => {
        if (this.#state.isUserSpeaking) connection.link?.flush();
        send({ type: "bot-stopped-speaking" });
      }),
      onBotOutput: on((data) => send({ type: "bot-output", segment: segmentOf(data) })),
    };
  }

  #heed(connection: Connection, data: unknown): void {
    const message = parseServerMessage(data);
    switch (message?.type) {
      case "session":
        connection.admitted(message.secret, message.resumeS);
        this.#dispatch({ ...message, type: "session" });
        break;
      case "latency":
      case "turn-ended":
      case "floor":
      case "switched":
      case "notice":
        this.#dispatch(message);
        break;
      case "end":
        connection.farewell = message.reason;
        clearTimeout(this.#linkTimer);
        this.#linkTimer = setTimeout(() => this.#follow("closed"), GOODBYE_MS);
        break;
    }
  }

  #follow(event: LinkEvent): void {
    // Before the call is up, a connection that fails rejects `connect`, which decides what is next.
    if (!this.#connection || !isInCall(this.#state.phase)) return;
    const { farewell, resumeS } = this.#connection;
    if (farewell && event !== "restored") return this.#end(farewell);
    clearTimeout(this.#linkTimer);
    switch (event) {
      case "lost":
        this.#dispatch({ type: "connection-dropped" });
        this.#linkTimer = setTimeout(() => this.#fail({ code: "connection-lost" }), resumeS * 1000);
        break;
      case "restored":
        this.#dispatch({ type: "connection-restored" });
        break;
      case "closed":
        this.#end("bot");
        break;
      case "gone":
        this.#fail({ code: "connection-lost" });
        break;
    }
  }

  #end(reason: EndReason): void {
    if (isOver(this.#state.phase)) return;
    this.#dispatch({ type: "ended", reason, at: this.outside.now() });
    this.#letGo();
  }

  #fail(failure: Failure): void {
    if (isOver(this.#state.phase)) return;
    this.#dispatch({ type: "failed", failure, at: this.outside.now() });
    this.#letGo();
  }

  #letGo(): void {
    this.#attempt.abort();
    clearTimeout(this.#linkTimer);
    clearTimeout(this.#thinkingTimer);
    const connection = this.#connection;
    if (connection) void this.#leave(connection);
  }

  async #leave(connection: Connection): Promise<void> {
    if (this.#connection === connection) this.#connection = null;
    this.#notify();
    await connection.leave();
  }
}

const transportsFor = (choice: TransportChoice): readonly TransportKind[] => {
  if (choice !== "auto") return [choice];
  return typeof RTCPeerConnection === "undefined" ? ["websocket"] : ["webrtc", "websocket"];
};

/** RTVI 2: a segment is announced whole, then reported as it is spoken. */
function segmentOf(data: BotOutputData) {
  const progress = data.spoken_progress;
  return {
    id: data.segment_id ?? null,
    spoken: progress ? progress.accumulated_text : data.text,
    upcoming: progress?.remaining_text ?? "",
  };
}
