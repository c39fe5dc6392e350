/** A call's other side: the server and a transport, both on strings. */

import { RTVIMessage, Transport, type PipecatClientOptions, type Tracks, type TransportState } from "@pipecat-ai/client-js";

import type { Admission } from "../../src/core/api";
import { CallError, type Failure } from "../../src/core/failure";
import { SILENT } from "../../src/core/level";
import type { Outside } from "../../src/core/outside";
import type { TransportKind } from "../../src/core/state";
import type { LinkEvent, TransportOptions } from "../../src/core/transports/transport";

/** Speaks RTVI to the real PipecatClient; `way` says what becomes of a connection. */
export class FakeTransport extends Transport {
  readonly sent: RTVIMessage[] = [];
  isMicOn = true;
  hasConnected = false;

  constructor(private readonly way: "through" | "nowhere" | "slow-devices" | { status: number }) {
    super();
  }

  initialize(options: PipecatClientOptions, onMessage: (message: RTVIMessage) => void): void {
    this._options = options;
    this._callbacks = options.callbacks ?? {};
    this._onMessage = onMessage;
    this._state = "disconnected";
  }

  async initDevices(): Promise<void> {
    if (this.way === "slow-devices") await new Promise((resolve) => setTimeout(resolve, 1_000));
    this._callbacks.onMicUpdated?.({ deviceId: "mic" } as MediaDeviceInfo);
  }

  _validateConnectionParams(params: unknown): unknown {
    return params;
  }

  async _connect(): Promise<void> {
    this.hasConnected = true;
    if (this.way === "nowhere") await new Promise<never>(() => {});
    if (typeof this.way === "object") {
      throw Object.assign(new Error("refused"), { status: this.way.status });
    }
    this.state = "connected";
    this._callbacks.onConnected?.();
  }

  sendReadyMessage(): void {
    this.state = "ready";
    this.receive("bot-ready", { version: "2.2.0" });
  }

  async _disconnect(): Promise<void> {
    this.state = "disconnected";
    this._callbacks.onDisconnected?.();
  }

  receive(type: string, data: unknown = {}): void {
    this._onMessage(new RTVIMessage(type, data));
  }

  says(data: unknown): void {
    this.receive("server-message", data);
  }

  sendMessage(message: RTVIMessage): void {
    this.sent.push(message);
  }

  enableMic(isOn: boolean): void {
    this.isMicOn = isOn;
  }

  get state(): TransportState {
    return this._state;
  }

  set state(state: TransportState) {
    this._state = state;
    this._callbacks.onTransportStateChanged?.(state);
  }

  get isMicEnabled(): boolean {
    return this.isMicOn;
  }

  readonly isCamEnabled = false;
  readonly isSharingScreen = false;
  readonly selectedMic = {};
  readonly selectedCam = {};
  readonly selectedSpeaker = {};
  getAllMics = async () => [];
  getAllCams = async () => [];
  getAllSpeakers = async () => [];
  updateMic = () => {};
  updateCam = () => {};
  updateSpeaker = () => {};
  enableCam = () => {};
  enableScreenShare = () => {};
  tracks = (): Tracks => ({ local: {} });
}

export interface Line {
  outside: Outside;
  transports: FakeTransport[];
  /** Calls that were given back, with the token or the secret that was shown. */
  ended: { sessionId: string; credential: string }[];
  requested: TransportKind[];
  secrets: string[];
  flushes: number;
  isMicrophoneHeld: boolean;
  link(event: LinkEvent): void;
}

export interface Ways {
  webrtc?: ConstructorParameters<typeof FakeTransport>[0];
  websocket?: ConstructorParameters<typeof FakeTransport>[0];
  microphone?: Failure;
  origin?: Failure;
  admission?: Failure;
}

export function fakeLine(ways: Ways = {}): Line {
  let options: TransportOptions | null = null;
  const line: Line = {
    transports: [],
    ended: [],
    requested: [],
    secrets: [],
    flushes: 0,
    isMicrophoneHeld: false,
    link: (event) => options?.onLink(event),
    outside: {
      now: () => 1_000,
      requireSecureOrigin: () => {
        if (ways.origin) throw new CallError(ways.origin);
      },
      openMicrophone: async () => {
        if (ways.microphone) throw new CallError(ways.microphone);
        line.isMicrophoneHeld = true;
        return { release: () => (line.isMicrophoneHeld = false) };
      },
      requestCall: async (_bot, transport): Promise<Admission> => {
        line.requested.push(transport);
        if (ways.admission) throw new CallError(ways.admission);
        const sessionId = `s${line.requested.length}`;
        return transport === "webrtc"
          ? { sessionId, transport, offerUrl: "/offer", token: "token", iceServers: [] }
          : { sessionId, transport, socketUrl: "ws://here/socket" };
      },
      endCall: async (sessionId, credential) => {
        line.ended.push({ sessionId, credential });
      },
      createTransport: async (admission, given) => {
        options = given;
        const transport = new FakeTransport(ways[admission.transport] ?? "through");
        line.transports.push(transport);
        return {
          transport,
          connectParams: {},
          botLevel: SILENT,
          setSecret: (secret) => line.secrets.push(secret),
          settled: async () => {},
          flush: () => (line.flushes += 1),
        };
      },
    },
  };
  return line;
}
