/**
 * The microphone and the loudspeaker of a call: WavMediaManager, with what a call needs besides.
 *
 * The stock manager asks for a microphone even when none is wanted, hides why it got none, keeps
 * the whole call in memory, cannot choose a loudspeaker, and goes on listening for devices after
 * the call. Each transport bundles its own copy, so the class to extend comes as an argument.
 */

import type { WavMediaManager } from "@pipecat-ai/websocket-transport";

import { CallError, failureOfMicrophone } from "../failure";
import { readAnalyser, SILENT, type LevelReader } from "../level";

export interface MediaOptions {
  microphoneId: string | null;
  speakerId: string | null;
}

export interface CallMedia extends WavMediaManager {
  /** How loud the bot is, where its sound comes as samples and not as a track. */
  readonly playbackLevel: LevelReader;
  /** Drops what has arrived and has not been played: the caller interrupted. */
  flush(): void;
}

interface Recorder {
  stream: MediaStream | null;
  processor: AudioWorkletNode | null;
  source: AudioNode | null;
  analyser: AudioNode | null;
  begin(deviceId?: string): Promise<true>;
  record(onChunk: (chunk: { mono: ArrayBuffer }) => void, sizeBytes: number): Promise<true>;
  listenForDeviceErrors(callback: ((problem: { error?: Error }) => void) | null): void;
}

interface Player {
  context: AudioContext | null;
  analyser: AnalyserNode | null;
  connect(): Promise<true>;
  interrupt(): Promise<unknown>;
  updateSpeaker(deviceId: string): Promise<void>;
  add16BitPCM(samples: Int16Array, trackId: string): Int16Array;
}

/** What the declarations of WavMediaManager leave out. */
interface Internals {
  _wavRecorder: Recorder;
  _wavStreamPlayer: Player;
}

const LOCAL = { id: "local", name: "", local: true };
const NO_DEVICE: Record<string, never> = {};

/** 20 ms at 16 kHz, 16 bit: what one message carries. */
const CHUNK_BYTES = 640;
/** WavStreamPlayer plays at this rate. */
const PLAYER_HZ = 24_000;
/** Silence put before speech that starts on an empty queue, so that a late packet is not heard. */
const LEAD_MS = 60;

export function createCallMedia(
  Base: typeof WavMediaManager,
  { microphoneId, speakerId }: MediaOptions,
  sampleRateHz: number,
  /** Whether the samples leave here, or a peer connection carries the track. */
  carriesSamples: boolean,
): CallMedia {
  class Media extends Base implements CallMedia {
    #isOpen = false;
    #isOver = false;
    #selectedMic: MediaDeviceInfo | null = null;
    #speakers: MediaDeviceInfo[] = [];
    #speakerId = speakerId;
    #trackNumber = 0;
    #playsUntilMs = 0;
    #readPlayback: LevelReader | null = null;
    readonly #onDeviceChange = () => void this.#devicesChanged();

    get #recorder(): Recorder {
      return (this as unknown as Internals)._wavRecorder;
    }

    get #player(): Player {
      return (this as unknown as Internals)._wavStreamPlayer;
    }

    override async initialize(): Promise<void> {
      if (this.#isOpen || this.#isOver) return;
      this.#isOpen = true;
      try {
        if (this._micEnabled) await this.#openMicrophone(microphoneId ?? "");
        if (!this.#isOver) await this.#player.connect();
      } catch (error) {
        this.#isOpen = false;
        await this.#release();
        throw error;
      }
      // Hung up while the browser opened them.
      if (this.#isOver) return this.#release();
      navigator.mediaDevices.addEventListener("devicechange", this.#onDeviceChange);
      await this.#announceDevices();
      if (this.#speakerId) this.updateSpeaker(this.#speakerId);
    }

    override async connect(): Promise<void> {
      await this.initialize();
      if (this._micEnabled && this.#isOpen) await this.#startSending();
    }

    override async disconnect(): Promise<void> {
      this.#isOver = true;
      if (!this.#isOpen) return;
      this.#isOpen = false;
      navigator.mediaDevices.removeEventListener("devicechange", this.#onDeviceChange);
      await this.#release();
    }

    async #release(): Promise<void> {
      this.#closeMicrophone();
      this.#readPlayback = null;
      const { context } = this.#player;
      // A context that is closing says that it is running, and will not be closed twice.
      if (context && context.state !== "closed") await context.close().catch(() => undefined);
    }

    async #openMicrophone(deviceId: string): Promise<void> {
      let cause: unknown;
      this.#recorder.listenForDeviceErrors(({ error }) => (cause = error));
      try {
        await this.#recorder.begin(deviceId);
      } catch (error) {
        // It may have been opened before what failed.
        this.#closeMicrophone();
        if (deviceId) return this.#openMicrophone("");
        throw new CallError(failureOfMicrophone(cause ?? error));
      }
    }

    async #startSending(): Promise<void> {
      if (carriesSamples) {
        await this.#recorder.record(({ mono }) => {
          if (this._micEnabled) this._userAudioCallback?.(mono);
        }, CHUNK_BYTES);
      }
      const track = this.tracks().local.audio;
      if (track) this._callbacks.onTrackStarted?.(track, LOCAL);
    }

    /** Not `recorder.end()`, which packs the whole call into a file first. */
    #closeMicrophone(): void {
      const recorder = this.#recorder;
      for (const track of recorder.stream?.getTracks() ?? []) track.stop();
      const context = recorder.processor?.context;
      for (const node of [recorder.source, recorder.processor, recorder.analyser]) {
        node?.disconnect();
      }
      recorder.stream = recorder.processor = recorder.source = recorder.analyser = null;
      if (context instanceof AudioContext) void context.close();
    }

    override async enableMic(isEnabled: boolean): Promise<void> {
      this._micEnabled = isEnabled;
      for (const track of this.#recorder.stream?.getAudioTracks() ?? []) track.enabled = isEnabled;
    }

    override async updateMic(deviceId: string): Promise<void> {
      if (!this.#isOpen || !this.#recorder.stream) return;
      this.#closeMicrophone();
      try {
        await this.#openMicrophone(deviceId);
      } catch {
        return;
      }
      await this.#startSending();
      await this.enableMic(this._micEnabled);
      await this.#announceDevices();
    }

    override get selectedMic(): MediaDeviceInfo | Record<string, never> {
      return this.#selectedMic ?? NO_DEVICE;
    }

    override async getAllMics(): Promise<MediaDeviceInfo[]> {
      return devicesOf("audioinput");
    }

    override async getAllSpeakers(): Promise<MediaDeviceInfo[]> {
      return devicesOf("audiooutput");
    }

    override get selectedSpeaker(): MediaDeviceInfo | Record<string, never> {
      return this.#speakers.find((device) => device.deviceId === this.#speakerId) ?? NO_DEVICE;
    }

    override updateSpeaker(deviceId: string): void {
      this.#speakerId = deviceId;
      // A track is played by an audio element, which hears of it by the callback.
      void this.#player.updateSpeaker(deviceId);
      const device = this.#speakers.find((known) => known.deviceId === deviceId);
      if (device) this._callbacks.onSpeakerUpdated?.(device);
    }

    async #announceDevices(): Promise<void> {
      const microphones = await devicesOf("audioinput");
      this.#speakers = await devicesOf("audiooutput");
      this._callbacks.onAvailableMicsUpdated?.(microphones);
      this._callbacks.onAvailableSpeakersUpdated?.(this.#speakers);
      const id = this.tracks().local.audio?.getSettings().deviceId;
      const selected = microphones.find((device) => device.deviceId === id) ?? null;
      if (selected && selected.deviceId !== this.#selectedMic?.deviceId) {
        this.#selectedMic = selected;
        this._callbacks.onMicUpdated?.(selected);
      }
    }

    /** A microphone that was unplugged is replaced by the default one. */
    async #devicesChanged(): Promise<void> {
      const isGone = this.tracks().local.audio?.readyState === "ended";
      if (isGone) await this.updateMic("");
      else await this.#announceDevices();
    }

    override bufferBotAudio(data: ArrayBuffer | Int16Array): Int16Array {
      const samples = data instanceof Int16Array ? data : new Int16Array(data);
      // What was on its way when the call ended.
      if (!this.#isOpen) return samples;
      const trackId = `bot-${this.#trackNumber}`;
      const nowMs = performance.now();
      if (nowMs > this.#playsUntilMs) {
        this.#player.add16BitPCM(new Int16Array((PLAYER_HZ * LEAD_MS) / 1000), trackId);
        this.#playsUntilMs = nowMs + LEAD_MS;
      }
      this.#playsUntilMs += (samples.length / PLAYER_HZ) * 1000;
      return this.#player.add16BitPCM(samples, trackId);
    }

    flush(): void {
      if (performance.now() >= this.#playsUntilMs) return;
      this.#playsUntilMs = 0;
      // The player refuses a track it has interrupted, so what follows is another one.
      this.#trackNumber += 1;
      void this.#player.interrupt();
    }

    readonly playbackLevel: LevelReader = () => {
      const { analyser } = this.#player;
      if (!analyser) return SILENT();
      this.#readPlayback ??= readAnalyser(analyser);
      return this.#readPlayback();
    };
  }
  return new Media(CHUNK_BYTES, sampleRateHz);
}

/** The browser's devices of a kind; nameless ones are those it does not show yet. */
async function devicesOf(kind: MediaDeviceKind): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === kind && device.deviceId !== "");
}
