import { describe, expect, it } from "vitest";

import type { CallEvent } from "../../src/core/event";
import { reduce } from "../../src/core/reducer";
import { wordsOfAside } from "../../src/core/wording";
import { INITIAL_STATE, isOver, type CallState, type Phase } from "../../src/core/state";
import { textOf, upcomingOf } from "../../src/core/transcript";

const run = (events: readonly CallEvent[], from: CallState = INITIAL_STATE): CallState =>
  events.reduce(reduce, from);

const TO_CONNECTING: CallEvent[] = [
  { type: "call", hasMicrophone: true },
  { type: "microphone-ready" },
  { type: "admitted", transport: "webrtc" },
];
const TO_LIVE: CallEvent[] = [...TO_CONNECTING, { type: "connected", at: 1_000 }];
const live = run(TO_LIVE);
const segment = (id: number, spoken: string, upcoming = ""): CallEvent => ({
  type: "bot-output",
  segment: { id, spoken, upcoming },
});
const said = (text: string, isFinal = true): CallEvent => ({
  type: "user-transcript",
  text,
  isFinal,
});
const written = (state: CallState) =>
  state.transcript.map((entry) => `${entry.speaker}: ${textOf(entry)}`);

describe("setting up", () => {
  it("goes through each step to a live call", () => {
    const phases = TO_LIVE.map((_, count) => run(TO_LIVE.slice(0, count + 1)).phase);
    expect(phases).toEqual<Phase[]>(["microphone", "dialing", "connecting", "live"]);
    expect(live.liveAt).toBe(1_000);
  });

  it("takes another transport when the first does not get through, and says so", () => {
    const state = run([
      ...TO_CONNECTING,
      { type: "fell-back" },
      { type: "admitted", transport: "websocket" },
      { type: "connected", at: 9_000 },
    ]);
    expect(state).toMatchObject({ phase: "live", transport: "websocket", hasFallenBack: true });
  });

  it("starts anew after a failure, with nothing left of the call before", () => {
    const failed = run([
      ...TO_LIVE,
      said("Hello"),
      { type: "failed", failure: { code: "connection-lost" }, at: 2_000 },
    ]);
    const again = reduce(failed, { type: "call", hasMicrophone: false });
    expect(again).toEqual({ ...INITIAL_STATE, phase: "microphone", hasMicrophone: false });
  });

  it("ignores a second call while one is up", () => {
    expect(reduce(live, { type: "call", hasMicrophone: true })).toBe(live);
  });
});

describe("the end", () => {
  const before = (count: number) => run(TO_LIVE.slice(0, count));

  it.each([1, 2, 3, 4])("fails from step %i and remembers why", (count) => {
    const state = reduce(before(count), {
      type: "failed",
      failure: { code: "full", retryAfterS: 7 },
      at: 5,
    });
    expect(state).toMatchObject({
      phase: "failed",
      failure: { code: "full", retryAfterS: 7 },
      endReason: null,
    });
  });

  it.each([1, 2, 3, 4])("ends from step %i", (count) => {
    const state = reduce(before(count), { type: "ended", reason: "caller", at: 5 });
    expect(state).toMatchObject({ phase: "ended", endReason: "caller", failure: null, endedAt: 5 });
  });

  it("keeps the first reason: what comes after the end is too late", () => {
    const ended = reduce(live, { type: "ended", reason: "limit", at: 5 });
    const later: CallEvent[] = [
      { type: "ended", reason: "bot", at: 6 },
      { type: "failed", failure: { code: "connection-lost" }, at: 7 },
      { type: "connection-dropped" },
      said("too late"),
      segment(1, "too late"),
    ];
    for (const event of later) expect(reduce(ended, event)).toBe(ended);
  });

  it("keeps what was said and drops what was only about to be", () => {
    const state = run(
      [segment(1, "We are", "open until six."), { type: "ended", reason: "caller", at: 9 }],
      live,
    );
    expect(written(state)).toEqual(["bot: We are"]);
    expect(upcomingOf(state.transcript[0] as never)).toBe("");
  });
});

describe("the connection", () => {
  it("is brought back to where it was", () => {
    const state = run(
      [said("Hello"), { type: "connection-dropped" }, { type: "connection-restored" }],
      live,
    );
    expect(state.phase).toBe("live");
    expect(written(state)).toEqual(["user: Hello"]);
  });

  it("does not drop before it stands", () => {
    expect(run([...TO_CONNECTING, { type: "connection-dropped" }]).phase).toBe("connecting");
  });
});

describe("what the bot is doing", () => {
  const agents = (events: readonly CallEvent[]) =>
    events.map((_, count) => run(events.slice(0, count + 1), live).agent);

  it("follows a turn", () => {
    expect(
      agents([
        { type: "user-started-speaking" },
        { type: "user-stopped-speaking" },
        { type: "bot-thinking" },
        { type: "bot-started-speaking" },
        { type: "bot-stopped-speaking" },
      ]),
    ).toEqual(["listening", "thinking", "thinking", "speaking", "listening"]);
  });

  it("listens on while the bot speculates in the caller's pause", () => {
    expect(agents([{ type: "user-started-speaking" }, { type: "bot-thinking" }])).toEqual([
      "listening",
      "listening",
    ]);
  });

  it("stops thinking when no answer comes", () => {
    expect(agents([{ type: "user-typed", text: "Hi" }, { type: "bot-thought-lapsed" }])).toEqual([
      "thinking",
      "listening",
    ]);
  });
});

describe("the transcript", () => {
  it("replaces each guess and settles at the pause", () => {
    const guess = run([said("Are", false), said("Are you open", false)], live);
    expect(written(guess)).toEqual(["user: Are you open"]);
    expect(written(reduce(guess, said("Are you open on Sunday?")))).toEqual([
      "user: Are you open on Sunday?",
    ]);
  });

  it("joins two pauses of one turn, and separates two turns", () => {
    const state = run(
      [said("My number is"), said("five five five."), segment(1, "Thank you."), said("Bye.")],
      live,
    );
    expect(written(state)).toEqual([
      "user: My number is five five five.",
      "bot: Thank you.",
      "user: Bye.",
    ]);
  });

  it("forgets a guess that never settled", () => {
    expect(written(run([said("uh", false), segment(1, "Hello.")], live))).toEqual(["bot: Hello."]);
  });

  it("shows the bot's words as they are spoken", () => {
    const steps = [segment(4, "", "We open at ten."), segment(4, "We open", "at ten."), segment(4, "We open at ten.")];
    const texts = steps.map((_, count) => written(run(steps.slice(0, count + 1), live)));
    expect(texts).toEqual([["bot: "], ["bot: We open"], ["bot: We open at ten."]]);
  });

  it("keeps a segment in its place when the caller speaks meanwhile", () => {
    const state = run([segment(1, "One", "moment."), said("mm-hm"), segment(1, "One moment.")], live);
    expect(written(state)).toEqual(["bot: One moment.", "user: mm-hm"]);
  });

  it("cuts the bot off where the caller interrupted", () => {
    const state = run(
      [
        segment(1, "We take", "most plans."),
        { type: "bot-started-speaking" },
        { type: "user-started-speaking" },
        { type: "bot-stopped-speaking" },
        said("Stop."),
      ],
      live,
    );
    expect(written(state)).toEqual(["bot: We take", "user: Stop."]);
    expect(state.transcript[0]).toMatchObject({ isInterrupted: true });
  });

  it("keeps what was not said off the page, whatever is still told of it", () => {
    const state = run(
      [
        segment(1, "We", "take most plans."),
        { type: "bot-started-speaking" },
        { type: "floor", floor: "interruption" },
        segment(1, "We take", "most plans."),
      ],
      live,
    );
    expect(state.transcript[0]).toMatchObject({
      isInterrupted: true,
      segments: [{ spoken: "We take", upcoming: "" }],
    });
  });

  it("opens a new entry for an answer that follows another", () => {
    const state = run(
      [segment(1, "Hello?"), { type: "bot-stopped-speaking" }, { type: "bot-thinking" }, segment(2, "Still there?")],
      live,
    );
    expect(written(state)).toEqual(["bot: Hello?", "bot: Still there?"]);
  });

  it("marks what was typed", () => {
    const state = reduce(live, { type: "user-typed", text: "  Hello " });
    expect(state.transcript).toMatchObject([{ speaker: "user", via: "text", said: ["Hello"] }]);
  });
});

/** A small generator, seeded so that a failure can be repeated. */
function* random(seed: number): Generator<number, never> {
  let value = seed;
  for (;;) {
    value = (value * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield value / 2_147_483_648;
  }
}

const ANYTHING: readonly CallEvent[] = [
  ...TO_LIVE,
  { type: "fell-back" },
  { type: "session", models: null, botTitle: "Bot", durationLimitS: 60 },
  { type: "connection-dropped" },
  { type: "connection-restored" },
  { type: "user-started-speaking" },
  { type: "user-stopped-speaking" },
  said("guess", false),
  said("words"),
  said(""),
  { type: "user-typed", text: "typed" },
  { type: "bot-thinking" },
  { type: "bot-thought-lapsed" },
  { type: "bot-started-speaking" },
  { type: "bot-stopped-speaking" },
  segment(1, "a", "b"),
  segment(2, "", "c"),
  segment(2, "c"),
  { type: "bot-output", segment: { id: null, spoken: "loose", upcoming: "" } },
  { type: "latency", latency: { turn: 1, totalMs: 800, stages: [] } },
  { type: "turn-ended", end: { why: "words", cue: "question", silenceMs: 300, withdrawn: 0 } },
  { type: "floor", floor: "duck" },
  { type: "switched", kind: "tts", to: "local" },
  { type: "notice", notice: { code: "x", message: "y" } },
  { type: "notice-dismissed" },
  { type: "muted", isMuted: true },
  { type: "ended", reason: "bot", at: 2_000 },
  { type: "failed", failure: { code: "connection-lost" }, at: 2_000 },
];

describe("a sound over the bot", () => {
  const speaking = [...TO_LIVE, segment(1, "We open", "at ten."), { type: "bot-started-speaking" }] as const;
  const over = (...floors: readonly ("duck" | "resume" | "interruption")[]) =>
    run([...speaking, ...floors.map((floor): CallEvent => ({ type: "floor", floor }))]);

  it("is told while the bot goes on, and not after", () => {
    expect([over("duck").floor, over("duck", "resume").floor]).toEqual(["duck", "resume"]);
    expect(reduce(over("duck", "resume"), { type: "bot-stopped-speaking" }).floor).toBeNull();
    expect(textOf(over("duck", "resume").transcript[0]!)).toBe("We open");
    expect(over("duck", "resume").transcript[0]).toMatchObject({ isOpen: true });
  });

  it("takes the floor: what was not said leaves the page at once", () => {
    const state = over("duck", "interruption");
    expect(state.floor).toBeNull();
    expect(state.transcript[0]).toMatchObject({ isInterrupted: true });
  });
});

it("a provider that takes over is the one that is shown", () => {
  const models = { stt: "a", llm: "b", tts: "c" };
  const told: CallEvent = { type: "session", models, botTitle: null, durationLimitS: null };
  const state = run([...TO_LIVE, told, { type: "switched", kind: "tts", to: "local" }]);
  expect(state.models).toEqual({ ...models, tts: "local" });
  expect(wordsOfAside(state)).toBe("Voice switched to local.");
  const goingOn = reduce(state, { type: "user-started-speaking" });
  expect([goingOn.models?.tts, wordsOfAside(goingOn)]).toEqual(["local", ""]);
});

describe("a call that breaks off", () => {
  it("keeps what the server said of the fault, and nothing else", () => {
    const notice: CallEvent = { type: "notice", notice: { code: "x", message: "y" } };
    const end = (reason: "error" | "limit"): CallEvent => ({ type: "ended", reason, at: 2_000 });
    const over = (reason: "error" | "limit") =>
      [...TO_LIVE, notice, end(reason)].reduce(reduce, INITIAL_STATE);
    expect(over("error").notice?.message).toBe("y");
    expect(over("limit").notice).toBeNull();
  });
});

describe("any order of events", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))("holds together, seed %i", (seed) => {
    const numbers = random(seed);
    let state = INITIAL_STATE;
    for (let step = 0; step < 200; step += 1) {
      const event = ANYTHING[Math.floor(numbers.next().value * ANYTHING.length)];
      if (!event) continue;
      const frozen = structuredClone(state);
      const next = reduce(state, event);
      expect(state, "the state before is left alone").toEqual(frozen);
      state = next;
      expect(state.failure !== null).toBe(state.phase === "failed");
      expect(state.endReason !== null).toBe(state.phase === "ended");
      expect(state.liveAt === null || state.phase !== "idle").toBe(true);
      expect(isOver(state.phase) ? state.agent : "listening").toBe("listening");
      const ids = state.transcript.map((entry) => entry.id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(state.transcript.slice(0, -1).every((entry) => !entry.isOpen)).toBe(true);
    }
  });
});
