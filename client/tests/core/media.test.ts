/** The microphone is let go of, whatever fails and whoever is quicker. */

import { beforeEach, expect, it, vi } from "vitest";

import { createCallMedia } from "../../src/core/transports/media";

class Track {
  readyState = "live";

  stop(): void {
    this.readyState = "ended";
  }

  getSettings(): MediaTrackSettings {
    return {};
  }
}

/** As a browser's: it says that it runs until it is closed, and is not closed twice. */
class Context {
  state = "running";
  #isClosing = false;

  async close(): Promise<void> {
    if (this.#isClosing) throw new DOMException("closed", "InvalidStateError");
    this.#isClosing = true;
    await Promise.resolve();
    this.state = "closed";
  }
}

class Recorder {
  stream: { getTracks(): Track[]; getAudioTracks(): Track[] } | null = null;
  processor = null;
  source = null;
  analyser = null;
  readonly opened: Track[] = [];
  /** Resolves when the caller has answered the browser's question. */
  allowed: Promise<void> = Promise.resolve();
  /** Of the next ones to begin, how many fail once the microphone is open. */
  failures = 0;

  async begin(): Promise<true> {
    await this.allowed;
    const track = new Track();
    this.opened.push(track);
    this.stream = { getTracks: () => [track], getAudioTracks: () => [track] };
    if (this.failures-- > 0) throw new Error("no worklet");
    return true;
  }

  listenForDeviceErrors(): void {}
}

class Player {
  context: Context | null = null;
  isBroken = false;

  async connect(): Promise<true> {
    this.context = new Context();
    if (this.isBroken) throw new Error("no worklet");
    return true;
  }
}

class Base {
  readonly _wavRecorder = new Recorder();
  readonly _wavStreamPlayer = new Player();
  readonly _callbacks = {};
  readonly _micEnabled = true;

  tracks() {
    return { local: { audio: this._wavRecorder.stream?.getTracks()[0] } };
  }
}

function media(microphoneId: string | null = null) {
  const made = createCallMedia(Base as never, { microphoneId, speakerId: null }, 16_000, true);
  const { _wavRecorder: recorder, _wavStreamPlayer: player } = made as unknown as Base;
  const live = () => recorder.opened.filter((track) => track.readyState === "live").length;
  return { made, recorder, player, live };
}

beforeEach(() => {
  vi.stubGlobal("AudioContext", Context);
  const mediaDevices = Object.assign(new EventTarget(), { enumerateDevices: async () => [] });
  vi.stubGlobal("navigator", { mediaDevices });
  return () => vi.unstubAllGlobals();
});

it("holds the microphone during the call, and not after", async () => {
  const { made, player, live } = media();
  await made.initialize();
  expect(live()).toBe(1);
  await made.disconnect();
  expect(live()).toBe(0);
  expect(player.context?.state).toBe("closed");
});

it("lets the microphone go where there is no loudspeaker", async () => {
  const { made, player, live } = media();
  player.isBroken = true;
  await expect(made.initialize()).rejects.toThrow("no worklet");
  expect(live()).toBe(0);
  expect(player.context?.state).toBe("closed");
});

it.each([false, true])("lets go of what opens after the call (and fails: %s)", async (fails) => {
  const { made, recorder, player, live } = media();
  let allow = () => {};
  recorder.allowed = new Promise((resolve) => (allow = resolve));
  recorder.failures = fails ? 1 : 0;
  const opening = made.initialize();
  await made.disconnect();
  allow();
  await opening.catch(() => undefined);
  expect(recorder.opened).toHaveLength(1);
  expect(live()).toBe(0);
  expect(player.context).toBeNull();
});

it("closes the loudspeaker while it closes already", async () => {
  const { made, player } = media();
  await made.initialize();
  void player.context?.close();
  await made.disconnect();
  expect(player.context?.state).toBe("closed");
});

it("holds one microphone only where the wanted one opens and fails", async () => {
  const { made, recorder, live } = media("unplugged");
  recorder.failures = 1;
  await made.initialize();
  expect(recorder.opened).toHaveLength(2);
  expect(live()).toBe(1);
});
