import { describe, expect, it } from "vitest";

import { socketUrl } from "../../src/core/api";
import { cordPoints, pushed } from "../../src/core/cord";
import { levelOfSamples } from "../../src/core/level";
import { transportFromAddress } from "../../src/core/preferences";
import { nextDelayMs, resumeUrl } from "../../src/core/reconnect";
import { parseServerMessage } from "../../src/core/serverMessage";
import { asClock, inSeconds, stageName, wordsOfEnding, wordsOfTurnEnd } from "../../src/core/wording";

describe("a lost WebSocket", () => {
  it("is tried again ever more slowly until the window closes", () => {
    expect([0, 1, 2, 3, 9].map((attempt) => nextDelayMs(attempt, 0, 30_000))).toEqual([
      250, 750, 1_500, 3_000, 3_000,
    ]);
    expect(nextDelayMs(9, 26_999, 30_000)).toBe(3_000);
    expect(nextDelayMs(9, 27_000, 30_000)).toBeNull();
  });

  it("is taken up with the secret, never with the spent token", () => {
    const url = new URL(resumeUrl("wss://a.test/api/calls/7/socket?token=t", "s&1"));
    expect(url.searchParams.get("token")).toBeNull();
    expect(url.searchParams.get("secret")).toBe("s&1");
    expect(url.searchParams.get("resume")).toBe("1");
  });
});

it("a page over https never opens a plain socket", () => {
  const page = new URL("https://voice.test/call/pirate");
  expect(socketUrl("ws://voice.test/api/calls/1/socket?token=t", page)).toBe(
    "wss://voice.test/api/calls/1/socket?token=t",
  );
  expect(socketUrl("/api/calls/1/socket", new URL("http://localhost:7860/"))).toBe(
    "ws://localhost:7860/api/calls/1/socket",
  );
});

describe("a server message", () => {
  it("is read in the pipeline's order, without stages that took no time", () => {
    expect(
      parseServerMessage({
        type: "offhook/latency",
        turn: 2,
        total_ms: 800,
        stages_ms: { tts: 100, odd: 5, llm: 300, endpoint: 200, turn: 0, stt: "x" },
      }),
    ).toEqual({
      type: "latency",
      latency: {
        turn: 2,
        totalMs: 800,
        stages: [
          { name: "endpoint", ms: 200 },
          { name: "llm", ms: 300 },
          { name: "tts", ms: 100 },
          { name: "odd", ms: 5 },
        ],
      },
    });
  });

  it.each([
    ["duration_limit", "limit"],
    ["drain", "drain"],
    ["idle", "silence"],
    ["operator", "operator"],
    ["something new", "bot"],
    [undefined, "bot"],
  ])("that ends with %s ends as %s", (reason, expected) => {
    expect(parseServerMessage({ type: "offhook/end", reason })).toEqual({
      type: "end",
      reason: expected,
    });
  });

  it.each([null, 4, "offhook/end", [], {}, { type: "other" }, { type: "offhook/latency" }, { type: "offhook/notice" },
    { type: "offhook/floor", event: "ignored" }, { type: "offhook/turn", event: "ended" }, { type: "offhook/switch", kind: "x", to: "y" }])(
    "that does not hold is nothing: %j",
    (value) => expect(parseServerMessage(value)).toBeNull(),
  );

  it("about a turn, the floor or a provider becomes an event", () => {
    const read = (type: string, data: object) => parseServerMessage({ type: `offhook/${type}`, ...data });
    const turn = { event: "ended", why: "words", cue: "question", silence_ms: 320, probability: 0.9 };
    expect(read("turn", turn)).toEqual({
      type: "turn-ended",
      end: { why: "words", cue: "question", silenceMs: 320, withdrawn: 0 },
    });
    expect(read("floor", { event: "duck", after_ms: 80 })).toEqual({ type: "floor", floor: "duck" });
    expect(read("switch", { kind: "tts", from: "a", to: "local", reason: "error" })).toEqual({
      type: "switched",
      kind: "tts",
      to: "local",
    });
  });

  it("about the session bears missing parts", () => {
    expect(parseServerMessage({ type: "offhook/session" })).toMatchObject({
      secret: null,
      resumeS: 30,
      models: null,
    });
  });
});

it("every stage that the server measures has words", () => {
  for (const stage of ["endpoint", "stt", "turn", "llm", "tool", "clause", "tts", "pipeline"])
    expect(stageName(stage)).not.toBe(stage);
});

it("the end of a turn is told in a sentence, whatever the server calls it", () => {
  const end = { why: "words", cue: "question", silenceMs: 320, withdrawn: 0 };
  expect(wordsOfTurnEnd(end)).toBe("You had asked a question: its turn after 0.3 s of quiet.");
  expect(wordsOfTurnEnd({ ...end, cue: "spelling" })).toContain("Your words were complete");
  expect(wordsOfTurnEnd({ ...end, why: "unheard of" })).toContain("Nothing more came");
  expect(wordsOfTurnEnd({ ...end, withdrawn: 1 })).toContain("dropped");
});

it("a fault is told in the server's words, where it has any", () => {
  const notice = { code: "voice_failed", message: "This bot's brain cannot be used." };
  expect(wordsOfEnding("error", notice).text).toBe(notice.message);
  expect(wordsOfEnding("error").text).toContain("fault");
  expect(wordsOfEnding("limit", notice).text).not.toBe(notice.message);
});

describe("the cord", () => {
  const shape = { width: 300, height: 100, user: [], bot: [], turn: 0, slack: 0 };
  const spread = (points: Float32Array, from: number, to: number) => {
    const ys = [...points].filter((_, i) => i % 2 === 1 && points[i - 1]! >= from && points[i - 1]! < to);
    return Math.max(...ys) - Math.min(...ys);
  };

  it("stays inside its box, however loud", () => {
    const loud = Array.from({ length: 54 }, () => 1);
    const points = cordPoints({ ...shape, user: loud, bot: loud });
    for (let i = 0; i < points.length; i += 2) {
      expect(points[i]).toBeGreaterThanOrEqual(0);
      expect(points[i]).toBeLessThanOrEqual(shape.width);
      expect(points[i + 1]).toBeGreaterThanOrEqual(0);
      expect(points[i + 1]).toBeLessThanOrEqual(shape.height);
    }
  });

  it("swells on the side of who speaks", () => {
    const voice = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    const caller = cordPoints({ ...shape, user: voice });
    const bot = cordPoints({ ...shape, bot: voice });
    expect(spread(caller, 40, 120)).toBeGreaterThan(spread(caller, 180, 260) * 1.5);
    expect(spread(bot, 180, 260)).toBeGreaterThan(spread(bot, 40, 120) * 1.5);
  });

  it("rises at once and falls gently", () => {
    expect(pushed([0.1], 0.9, 3)[0]).toBe(0.9);
    const fallen = pushed([0.9, 0.5, 0.2], 0, 3);
    expect(fallen).toHaveLength(3);
    expect(fallen[0]).toBeGreaterThan(0.7);
  });
});

describe("levels", () => {
  it("are 0 for silence and 1 for a shout", () => {
    expect(levelOfSamples(new Float32Array(512))).toBe(0);
    expect(levelOfSamples(new Float32Array(512).fill(0.9))).toBe(1);
    expect(levelOfSamples(new Float32Array())).toBe(0);
  });

  it("grow with loudness", () => {
    const of = (amplitude: number) => levelOfSamples(new Float32Array(512).fill(amplitude));
    expect(of(0.01)).toBeLessThan(of(0.05));
    expect(of(0.05)).toBeLessThan(of(0.15));
  });
});

it("times read as people say them", () => {
  expect([asClock(0), asClock(65_900), asClock(-5), asClock(3_600_000)]).toEqual(["0:00", "1:05", "0:00", "60:00"]);
  expect([inSeconds(842), inSeconds(9_960), inSeconds(12_400)]).toEqual(["0.8 s", "10 s", "12 s"]);
});

it("the address chooses a transport only if there is one of that name", () => {
  expect(transportFromAddress("?transport=websocket")).toBe("websocket");
  expect(transportFromAddress("?transport=pigeon")).toBeNull();
  expect(transportFromAddress("")).toBeNull();
});
