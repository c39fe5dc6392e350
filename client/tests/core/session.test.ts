import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CONNECT_TIMEOUT_MS, type CallOptions } from "../../src/core/connection";
import { CallSession } from "../../src/core/session";
import { textOf } from "../../src/core/transcript";
import { fakeLine, type Line, type Ways } from "../fakes/line";

const OPTIONS: CallOptions = {
  transport: "webrtc",
  withMicrophone: true,
  microphoneId: null,
  speakerId: null,
};

const SESSION = {
  type: "offhook/session",
  session_id: "s1",
  session_secret: "secret",
  resume_s: 30,
  bot_title: "Bloom Dental",
  models: { stt: "whisper", llm: "qwen", tts: "hibari" },
  duration_s: 600,
};

const settled = () => vi.advanceTimersByTimeAsync(0);

async function started(ways: Ways = {}, options: Partial<CallOptions> = {}) {
  const line = fakeLine(ways);
  const session = new CallSession("receptionist", line.outside);
  const call = session.call({ ...OPTIONS, ...options });
  await settled();
  return { line, session, call };
}

async function live(ways: Ways = {}, options: Partial<CallOptions> = {}) {
  const { line, session } = await started(ways, options);
  const transport = line.transports.at(-1)!;
  transport.says(SESSION);
  expect(session.getState().phase).toBe("live");
  return { line, session, transport };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("calling", () => {
  it("goes live, knows who answers, and lets go of the microphone it tried", async () => {
    const { line, session } = await live();
    expect(session.getState()).toMatchObject({
      transport: "webrtc",
      botTitle: "Bloom Dental",
      models: { stt: "whisper", llm: "qwen", tts: "hibari" },
      durationLimitS: 600,
    });
    expect(line.secrets).toEqual(["secret"]);
    expect(line.isMicrophoneHeld).toBe(false);
  });

  it("takes no place on the server without a microphone", async () => {
    const { line, session } = await started({ microphone: { code: "microphone-denied" } });
    expect(session.getState().failure?.code).toBe("microphone-denied");
    expect(line.requested).toEqual([]);
  });

  it("goes on by typing where there is no microphone", async () => {
    const { session } = await live({ microphone: { code: "microphone-denied" } }, { withMicrophone: false });
    expect(session.getState().hasMicrophone).toBe(false);
  });

  it("says so at an address that gets no microphone", async () => {
    const { session } = await started({ origin: { code: "insecure-origin" } });
    expect(session.getState().failure?.code).toBe("insecure-origin");
  });

  it("passes on when to call again", async () => {
    const { session } = await started({ admission: { code: "full", retryAfterS: 9 } });
    expect(session.getState().failure).toEqual({ code: "full", retryAfterS: 9 });
  });

  it("can be cancelled while it connects, and gives the place back", async () => {
    const { line, session } = await started({ webrtc: "nowhere" });
    session.hangUp();
    await settled();
    expect(session.getState()).toMatchObject({ phase: "ended", endReason: "caller" });
    expect(line.ended).toEqual([{ sessionId: "s1", credential: "token" }]);
    expect(session.getClient()).toBeNull();
  });

  it("starts no bot when it is cancelled while the devices open", async () => {
    const { line, session } = await started({ webrtc: "slow-devices" });
    session.hangUp();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(line.transports.map((transport) => transport.hasConnected)).toEqual([false]);
    expect(session.getState()).toMatchObject({ phase: "ended", endReason: "caller" });
  });
});

describe("falling back", () => {
  beforeEach(() => vi.stubGlobal("RTCPeerConnection", class {}));
  afterEach(() => vi.unstubAllGlobals());

  it("takes WebSocket when WebRTC does not get through in time", async () => {
    const { line, session } = await started({ webrtc: "nowhere" }, { transport: "auto" });
    await vi.advanceTimersByTimeAsync(CONNECT_TIMEOUT_MS - 1);
    expect(session.getState().phase).toBe("connecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(session.getState()).toMatchObject({
      phase: "live",
      transport: "websocket",
      hasFallenBack: true,
    });
    expect(line.ended.map((call) => call.sessionId)).toEqual(["s1"]);
  });

  it("gives the place back and goes on though the first connection does not close", async () => {
    const { line, session } = await started({ webrtc: "nowhere" }, { transport: "auto" });
    line.transports[0]!._disconnect = () => Promise.reject(new Error("no device"));
    await vi.advanceTimersByTimeAsync(CONNECT_TIMEOUT_MS);
    expect(session.getState()).toMatchObject({ phase: "live", transport: "websocket" });
    expect(line.ended).toEqual([{ sessionId: "s1", credential: "token" }]);
  });

  it("does not try another way in when the offer is refused", async () => {
    const { line, session } = await started({ webrtc: { status: 401 } }, { transport: "auto" });
    expect(session.getState().failure?.code).toBe("token-expired");
    expect(line.requested).toEqual(["webrtc"]);
  });

  it("fails when neither gets through", async () => {
    const { session } = await started({ webrtc: "nowhere", websocket: "nowhere" }, { transport: "auto" });
    await vi.advanceTimersByTimeAsync(CONNECT_TIMEOUT_MS * 2 + 100);
    expect(session.getState().failure?.code).toBe("connection-failed");
  });

  it("starts with WebSocket in a browser without WebRTC", async () => {
    vi.stubGlobal("RTCPeerConnection", undefined);
    const { line } = await started({}, { transport: "auto" });
    expect(line.requested).toEqual(["websocket"]);
  });
});

describe("talking", () => {
  it("writes down both sides from RTVI's events", async () => {
    const { session, transport } = await live();
    transport.receive("bot-output", {
      text: "Hello.",
      will_be_spoken: true,
      segment_id: 3,
      spoken_status: "new",
      spoken_progress: { accumulated_text: "", remaining_text: "Hello." },
    });
    transport.receive("bot-output", {
      text: "Hello.",
      will_be_spoken: true,
      segment_id: 3,
      spoken_status: "completed",
      spoken_progress: { accumulated_text: "Hello.", remaining_text: "" },
    });
    transport.receive("user-transcription", { text: "Are you", final: false });
    transport.receive("user-transcription", { text: "Are you open?", final: true });
    expect(session.getState().transcript.map(textOf)).toEqual(["Hello.", "Are you open?"]);
  });

  it("sends what is typed, and stops the bot's sound", async () => {
    const { line, session, transport } = await live();
    session.say("  Hello ");
    session.say("   ");
    expect(transport.sent.map((message) => message.data)).toEqual([{ content: "Hello", options: {} }]);
    expect(line.flushes).toBe(1);
  });

  it("mutes and unmutes", async () => {
    const { session, transport } = await live();
    session.setMuted(true);
    expect([transport.isMicOn, session.getState().isMuted]).toEqual([false, true]);
    session.setMuted(false);
    expect([transport.isMicOn, session.getState().isMuted]).toEqual([true, false]);
  });

  it("drops sound that was not played only when the caller interrupts", async () => {
    const { line, transport } = await live();
    transport.receive("bot-started-speaking");
    transport.receive("bot-stopped-speaking");
    expect(line.flushes).toBe(0);
    transport.receive("bot-started-speaking");
    transport.receive("user-started-speaking");
    transport.receive("bot-stopped-speaking");
    expect(line.flushes).toBe(1);
  });

  it("does not think for ever", async () => {
    const { session } = await live();
    session.say("Hello");
    expect(session.getState().agent).toBe("thinking");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(session.getState().agent).toBe("listening");
  });

  it("reports the latency of a turn and a notice", async () => {
    const { session, transport } = await live();
    transport.says({ type: "offhook/latency", turn: 1, total_ms: 900, stages_ms: { llm: 900 } });
    transport.says({ type: "offhook/notice", code: "slow", message: "Busy." });
    expect(session.getState().latencies).toHaveLength(1);
    expect(session.getState().notice).toEqual({ code: "slow", message: "Busy." });
  });
});

describe("the connection", () => {
  const dropped = async (): Promise<{ line: Line; session: CallSession }> => {
    const call = await live();
    call.line.link("lost");
    expect(call.session.getState().phase).toBe("reconnecting");
    return call;
  };

  it("comes back", async () => {
    const { line, session } = await dropped();
    line.link("restored");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.getState().phase).toBe("live");
  });

  it("is given up when the server's window has closed, and the place is given back", async () => {
    const { line, session } = await dropped();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(session.getState().phase).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(session.getState().failure?.code).toBe("connection-lost");
    expect(line.ended).toEqual([{ sessionId: "s1", credential: "secret" }]);
  });

  it("is given up at once when it cannot come back", async () => {
    const { line, session } = await dropped();
    line.link("gone");
    expect(session.getState().failure?.code).toBe("connection-lost");
  });
});

describe("the end", () => {
  it("comes by the caller, with the secret", async () => {
    const { line, session, transport } = await live();
    session.hangUp();
    await settled();
    expect(session.getState().endReason).toBe("caller");
    expect(line.ended).toEqual([{ sessionId: "s1", credential: "secret" }]);
    expect(transport.state).toBe("disconnected");
  });

  it("comes by the server, which says why", async () => {
    const { line, session, transport } = await live();
    transport.says({ type: "offhook/end", reason: "duration_limit" });
    expect(session.getState().phase).toBe("live");
    line.link("closed");
    expect(session.getState()).toMatchObject({ phase: "ended", endReason: "limit" });
  });

  it("comes though the server said goodbye and stayed on the line", async () => {
    const { session, transport } = await live();
    transport.says({ type: "offhook/end", reason: "drain" });
    await vi.advanceTimersByTimeAsync(8_000);
    expect(session.getState().endReason).toBe("drain");
  });

  it("leaves nothing that could end the next call", async () => {
    const { line, session } = await live();
    session.hangUp();
    const first = line.transports[0]!;
    void session.call(OPTIONS);
    await settled();
    first.says({ type: "offhook/end", reason: "operator" });
    first.receive("user-transcription", { text: "ghost", final: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(session.getState()).toMatchObject({ phase: "live", transcript: [] });
  });
});
