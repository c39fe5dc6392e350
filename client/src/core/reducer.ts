/** The call's state machine: pure, so every transition is tested without a browser. */

import type { CallEvent } from "./event";
import { INITIAL_STATE, isInCall, isOver, type CallState } from "./state";
import {
  closed,
  interrupted,
  upcomingOf,
  withBotSegment,
  withUserSpeech,
  withUserText,
  type Entry,
} from "./transcript";

/** An event that makes no sense in the phase at hand changes nothing: it arrived too late. */
export function reduce(state: CallState, event: CallEvent): CallState {
  switch (event.type) {
    case "call":
      return isOver(state.phase)
        ? { ...INITIAL_STATE, phase: "microphone", hasMicrophone: event.hasMicrophone }
        : state;
    case "microphone-ready":
      return state.phase === "microphone" ? { ...state, phase: "dialing" } : state;
    case "admitted":
      return state.phase === "dialing"
        ? { ...state, phase: "connecting", transport: event.transport }
        : state;
    case "fell-back":
      return state.phase === "connecting"
        ? { ...state, phase: "dialing", transport: null, hasFallenBack: true }
        : state;
    case "connected":
      return state.phase === "connecting"
        ? { ...state, phase: "live", liveAt: event.at, agent: "listening" }
        : state;
    case "failed":
      return isOver(state.phase) ? state : over(state, "failed", event);
    case "ended":
      return isOver(state.phase) ? state : over(state, "ended", event);
    default:
      return isInCall(state.phase) || state.phase === "connecting"
        ? reduceConversation(state, event)
        : state;
  }
}

function over(
  state: CallState,
  phase: "ended" | "failed",
  event: Extract<CallEvent, { type: "ended" | "failed" }>,
): CallState {
  return {
    ...state,
    phase,
    agent: "listening",
    isUserSpeaking: false,
    floor: null,
    endedAt: event.at,
    endReason: event.type === "ended" ? event.reason : null,
    failure: event.type === "failed" ? event.failure : null,
    transcript: closed(cutOffIfUnspoken(state.transcript)),
    notice: event.type === "ended" && event.reason === "error" ? state.notice : null,
  };
}

type ConversationEvent = Exclude<
  CallEvent,
  {
    type:
      | "call"
      | "microphone-ready"
      | "admitted"
      | "fell-back"
      | "connected"
      | "ended"
      | "failed";
  }
>;

/** While the call is up. The first words may arrive just before the bot says it is ready. */
function reduceConversation(state: CallState, event: ConversationEvent): CallState {
  switch (event.type) {
    case "session":
      return {
        ...state,
        models: event.models ?? state.models,
        botTitle: event.botTitle ?? state.botTitle,
        durationLimitS: event.durationLimitS,
      };
    case "connection-dropped":
      return state.phase === "live"
        ? { ...state, phase: "reconnecting", agent: "listening", isUserSpeaking: false }
        : state;
    case "connection-restored":
      return state.phase === "reconnecting" ? { ...state, phase: "live" } : state;

    case "user-started-speaking":
      return { ...state, isUserSpeaking: true, agent: stillSpeaking(state), switched: null };
    case "user-stopped-speaking":
      return {
        ...state,
        isUserSpeaking: false,
        agent: state.agent === "speaking" ? "speaking" : "thinking",
      };
    case "user-transcript":
      return {
        ...state,
        transcript: withUserSpeech(state.transcript, event.text, event.isFinal),
      };
    case "user-typed":
      return {
        ...state,
        agent: "thinking",
        transcript: withUserText(cutOffIfUnspoken(state.transcript), event.text),
      };

    case "bot-thinking":
      // Another answer begins. While the last one is still being spoken it is a continuation.
      return state.agent === "speaking"
        ? state
        : {
            ...state,
            agent: state.isUserSpeaking ? "listening" : "thinking",
            transcript: closedIfBot(state.transcript),
          };
    case "bot-thought-lapsed":
      return state.agent === "thinking" ? { ...state, agent: "listening" } : state;
    case "bot-started-speaking":
      return { ...state, agent: "speaking", floor: null };
    case "bot-stopped-speaking":
      return {
        ...state,
        agent: "listening",
        floor: null,
        transcript: state.isUserSpeaking
          ? cutOffIfUnspoken(state.transcript)
          : state.transcript,
      };
    case "bot-output":
      return { ...state, transcript: withBotSegment(state.transcript, event.segment) };

    case "floor":
      return event.floor === "interruption"
        ? { ...state, floor: null, transcript: cutOffIfUnspoken(state.transcript) }
        : { ...state, floor: event.floor, switched: null };
    case "turn-ended":
      return { ...state, turnEnd: event.end };
    case "switched":
      return state.models === null
        ? state
        : {
            ...state,
            models: { ...state.models, [event.kind]: event.to },
            switched: { kind: event.kind, to: event.to },
          };

    case "latency":
      return { ...state, latencies: [...state.latencies, event.latency] };
    case "notice":
      return { ...state, notice: event.notice };
    case "notice-dismissed":
      return { ...state, notice: null };
    case "muted":
      return { ...state, isMuted: event.isMuted };
  }
}

const stillSpeaking = (state: CallState) =>
  state.agent === "speaking" ? "speaking" : "listening";

const closedIfBot = (transcript: readonly Entry[]) =>
  transcript.at(-1)?.speaker === "bot" ? closed(transcript) : transcript;

function cutOffIfUnspoken(transcript: readonly Entry[]): readonly Entry[] {
  const bot = transcript.findLast((entry) => entry.speaker === "bot");
  return bot && upcomingOf(bot) !== "" ? interrupted(transcript) : transcript;
}
