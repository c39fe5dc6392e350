import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, it, vi } from "vitest";

import { BotCard } from "../../src/components/BotCard";
import { CallButton } from "../../src/components/CallButton";
import { CallPoster } from "../../src/components/CallPoster";
import { Composer } from "../../src/components/Composer";
import { Dock } from "../../src/components/Dock";
import { LatencyBadge } from "../../src/components/LatencyBadge";
import { ModelsLine } from "../../src/components/ModelsLine";
import { Transcript } from "../../src/components/Transcript";
import { DEFAULT_PREFERENCES } from "../../src/core/preferences";
import { INITIAL_STATE, type CallState } from "../../src/core/state";
import type { Entry } from "../../src/core/transcript";

/** Colours need a real browser; the rest of axe's rules hold in jsdom too. */
async function faults(container: HTMLElement): Promise<string[]> {
  const { violations } = await axe.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.map((violation) => `${violation.id}: ${violation.help}`);
}

const BOT = {
  name: "receptionist",
  title: "Bloom Dental",
  description: "Hours and prices.",
  languages: ["en", "es"],
  models: { stt: "whisper", llm: "qwen", tts: "hibari" },
  isWarm: true,
};

describe("a bot's card", () => {
  it("invites to call it, in which languages, and passes axe", async () => {
    const { container } = render(<BotCard bot={BOT} tone={0} />);
    const card = screen.getByRole("link", { name: /^Call ?Bloom Dental$/ });
    expect(card.getAttribute("href")).toBe("/call/receptionist");
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
      "English",
      "Spanish",
    ]);
    expect(await faults(container)).toEqual([]);
  });

  it("says when it is not warm yet", () => {
    render(<BotCard bot={{ ...BOT, isWarm: false }} tone={0} />);
    expect(screen.getByText("Warming up")).toBeTruthy();
  });
});

describe("the transcript", () => {
  const entries: Entry[] = [
    {
      id: 1,
      speaker: "bot",
      segments: [
        { id: 7, spoken: "Hello.", upcoming: "" },
        { id: 8, spoken: "How can", upcoming: "I help?" },
      ],
      isOpen: false,
      isInterrupted: true,
    },
    { id: 2, speaker: "user", via: "voice", said: ["Hi,"], interim: "are you", isOpen: true },
    { id: 3, speaker: "user", via: "text", said: ["open?"], interim: "", isOpen: false },
  ];

  it("shows both sides, what is guessed, what was cut off and what was typed", async () => {
    const { container } = render(<Transcript entries={entries} botTitle="Bloom Dental" />);
    expect(screen.getByTestId("transcript-bot").textContent?.trim()).toBe("Hello. How can");
    expect(screen.getByText("interrupted")).toBeTruthy();
    const [spoken, typed] = screen.getAllByTestId("transcript-user");
    expect(spoken?.textContent).toBe("Hi, are you");
    expect(spoken?.dataset.final).toBe("false");
    expect(typed?.dataset.final).toBe("true");
    expect(screen.getByText("You, typed")).toBeTruthy();
    expect(await faults(container)).toEqual([]);
  });

  it("adds no dots to those that the ears heard", () => {
    const guess: Entry = {
      id: 4,
      speaker: "user",
      via: "voice",
      said: [],
      interim: "And how much is...",
      isOpen: true,
    };
    render(<Transcript entries={[guess]} botTitle="Bloom Dental" />);
    expect(screen.getByTestId("transcript-user").textContent).toBe("And how much is");
  });

  it("keeps guesses from a screen reader", () => {
    render(<Transcript entries={entries} botTitle="Bloom Dental" />);
    expect(screen.getByRole("log").getAttribute("aria-live")).toBe("polite");
    expect(screen.getByText("are you").getAttribute("aria-hidden")).toBe("true");
    expect(screen.getByText("I help?").getAttribute("aria-hidden")).toBe("true");
  });
});

describe("the call button", () => {
  afterEach(() => void vi.useRealTimers());

  it("waits as long as a busy server asks, then opens", () => {
    vi.useFakeTimers();
    const onCall = vi.fn();
    render(<CallButton label="Call again" onCall={onCall} waitS={2} waitKey="busy" />);
    const button = screen.getByTestId<HTMLButtonElement>("call-button");
    expect([button.textContent, button.disabled]).toEqual(["Call again in 2 s", true]);
    act(() => void vi.advanceTimersByTime(1_250));
    expect(button.textContent).toBe("Call again in 1 s");
    act(() => void vi.advanceTimersByTime(1_000));
    expect([button.textContent, button.disabled]).toEqual(["Call again", false]);
    button.click();
    expect(onCall).toHaveBeenCalledOnce();
  });
});

describe("the poster", () => {
  const poster = (state: Partial<CallState>, isUnknown = false) => {
    const onCall = vi.fn();
    const onCancel = vi.fn();
    const view = render(
      <CallPoster
        state={{ ...INITIAL_STATE, ...state }}
        title="Bloom Dental"
        description="Hours and prices."
        models={BOT.models}
        isUnknown={isUnknown}
        isWarm
        onCall={onCall}
        onCancel={onCancel}
        preferences={DEFAULT_PREFERENCES}
        onPreferences={() => {}}
      />,
    );
    return { ...view, onCall, onCancel };
  };

  it("calls with the microphone, and says which models answer", async () => {
    const { onCall, container } = poster({});
    await userEvent.click(screen.getByTestId("call-button"));
    expect(onCall).toHaveBeenCalledWith(true);
    expect(screen.getByTestId("models").textContent).toContain("qwen");
    expect(await faults(container)).toEqual([]);
  });

  it("keeps a model's name whole, in two pieces that a phone can break between", () => {
    const { container } = render(
      <ModelsLine models={{ stt: "deepgram/nova-3, then local/whisper-base", llm: "echo", tts: null }} />,
    );
    const names = [...container.querySelectorAll("dd")];
    expect(names.map((name) => name.textContent)).toEqual([
      "deepgram/nova-3, then local/whisper-base",
      "echo",
    ]);
    expect(names.map((name) => name.firstChild?.textContent)).toEqual(["deepgram/", "echo"]);
  });

  it("offers typing where the microphone is what failed", async () => {
    const { onCall, container } = poster({
      phase: "failed",
      failure: { code: "microphone-denied" },
    });
    expect(screen.getByRole("alert").textContent).toContain("The microphone is blocked");
    await userEvent.click(screen.getByTestId("type-button"));
    expect(onCall).toHaveBeenCalledWith(false);
    expect(await faults(container)).toEqual([]);
  });

  it.each([
    [{ phase: "failed", failure: { code: "insecure-origin" } } as const, false],
    [{}, true],
  ])("offers no call where none can come about", (state, isUnknown) => {
    poster(state, isUnknown);
    expect(screen.getByTestId("error")).toBeTruthy();
    expect(screen.queryByTestId("call-button")).toBeNull();
  });

  it.each([
    ["microphone", "Asking for your microphone"],
    ["dialing", "Dialing"],
    ["connecting", "Connecting"],
  ] as const)("says what goes on while %s, and can be cancelled", async (phase, words) => {
    const { onCancel } = poster({ phase });
    const moment = screen.getByTestId("agent-state");
    expect([moment.textContent, moment.dataset.state]).toEqual([words, phase]);
    await userEvent.click(screen.getByTestId("hangup-button"));
    expect(onCancel).toHaveBeenCalledOnce();
  });

  it("sums the call up when it has ended", () => {
    poster({
      phase: "ended",
      endReason: "limit",
      liveAt: 0,
      endedAt: 65_000,
      latencies: [700, 900, 2_000].map((totalMs, turn) => ({ turn, totalMs, stages: [] })),
    });
    const ended = screen.getByTestId("ended");
    expect(ended.dataset.reason).toBe("limit");
    expect(ended.textContent).toContain("1:05 on the line, answered in 0.9 s");
  });
});

describe("typing", () => {
  it("sends on Enter, empties the field, and ignores blanks", async () => {
    const onSay = vi.fn();
    render(<Composer isEnabled onSay={onSay} />);
    const field = screen.getByTestId<HTMLInputElement>("text-input");
    await userEvent.type(field, "  {Enter}Hello{Enter}");
    expect(onSay.mock.calls).toEqual([["  Hello"]]);
    expect(field.value).toBe("");
  });

  it("is reached with T and left with Escape", async () => {
    render(<Composer isEnabled onSay={() => {}} />);
    const field = screen.getByTestId("text-input");
    await userEvent.keyboard("t");
    expect(document.activeElement).toBe(field);
    await userEvent.keyboard("{Escape}");
    expect(document.activeElement).toBe(document.body);
  });
});

describe("the dock", () => {
  it("says whether it is muted, and that there is nothing to mute", async () => {
    const dock = (isMuted: boolean, onMute: (() => void) | null) => (
      <Dock isMuted={isMuted} onMute={onMute} onHangUp={() => {}} settings={null} />
    );
    const { rerender, container } = render(dock(true, () => {}));
    const button = screen.getByTestId<HTMLButtonElement>("mute-button");
    expect([button.getAttribute("aria-pressed"), button.getAttribute("aria-label")]).toEqual(["true", "Unmute"]);
    rerender(dock(false, null));
    expect([button.disabled, button.getAttribute("aria-label")]).toEqual([true, "No microphone"]);
    expect(await faults(container)).toEqual([]);
  });
});

it("the latency opens into its stages", async () => {
  render(
    <LatencyBadge
      latency={{
        turn: 1,
        totalMs: 842,
        stages: [
          { name: "stt", ms: 118 },
          { name: "llm", ms: 261.4 },
        ],
      }}
      turnEnd={{ why: "model", cue: "", silenceMs: 410, withdrawn: 0 }}
    />,
  );
  const badge = screen.getByTestId("latency");
  expect([badge.textContent, badge.dataset.totalMs]).toEqual(["Answered in 0.8 s", "842"]);
  await userEvent.click(badge);
  expect(screen.getByTestId("latency-stages").textContent).toBe("Hearing118 msThinking261 ms");
  expect(screen.getByTestId("turn-end").textContent).toContain("You sounded finished");
});
