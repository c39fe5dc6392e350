/** One admission to a bot and what joined it: from the devices until the place is given back. */

import { LogLevel, PipecatClient, type RTVIEventCallbacks } from "@pipecat-ai/client-js";

import type { Admission } from "./api";
import { CallError, failureOfOffer } from "./failure";
import type { Outside } from "./outside";
import type { TransportChoice } from "./preferences";
import { DEFAULT_RESUME_S } from "./serverMessage";
import type { EndReason } from "./state";
import type { CallTransport, LinkEvent } from "./transports/transport";

export interface CallOptions {
  transport: TransportChoice;
  withMicrophone: boolean;
  microphoneId: string | null;
  speakerId: string | null;
}

/** After this long without a connection WebRTC is taken not to get through. */
export const CONNECT_TIMEOUT_MS = 8_000;
/** A bot that is connected and not ready after this long is taken not to answer. */
const READY_TIMEOUT_MS = 20_000;
type Timer = ReturnType<typeof setTimeout>;

/** Who hears of what becomes of a connection, as long as it is the call's. */
export interface Owner {
  isCurrent(): boolean;
  /** There is a client now. */
  onClient(): void;
  onLink(event: LinkEvent): void;
  callbacks(onConnected: () => void): RTVIEventCallbacks;
}

export class Connection {
  client: PipecatClient | null = null;
  link: CallTransport | null = null;
  resumeS = DEFAULT_RESUME_S;
  /** Set once the server has said why it is about to hang up. */
  farewell: EndReason | null = null;
  #secret: string | null = null;

  constructor(
    readonly admission: Admission,
    private readonly outside: Pick<Outside, "createTransport" | "endCall">,
  ) {}

  /** Resolves when the bot is ready, or when nobody wants it any more. */
  async join(options: CallOptions, owner: Owner): Promise<void> {
    this.link = await this.outside.createTransport(this.admission, {
      microphoneId: options.microphoneId,
      speakerId: options.speakerId,
      onLink: (event) => owner.onLink(event),
    });
    if (!owner.isCurrent()) return;
    let hasConnected = () => {};
    const connected = new Promise<void>((resolve) => (hasConnected = resolve));
    this.client = new PipecatClient({
      transport: this.link.transport,
      enableMic: options.withMicrophone,
      enableCam: false,
      callbacks: owner.callbacks(hasConnected),
    });
    // Its debug lines quote every message, and so what is said.
    this.client.setLogLevel(LogLevel.WARN);
    owner.onClient();
    const ready = open(this.client, this.link, owner).catch((error: unknown) => {
      throw asCallError(error);
    });
    await within(CONNECT_TIMEOUT_MS, Promise.race([connected, ready]));
    await within(READY_TIMEOUT_MS, ready);
  }

  /** From now on the secret stands for the caller, where the server gave one. */
  admitted(secret: string | null, resumeS: number): void {
    this.resumeS = resumeS;
    if (!secret) return;
    this.#secret = secret;
    this.link?.setSecret(secret, resumeS);
  }

  /** Gives the place back first: a broken connection alone would keep it for the resume window. */
  async leave(): Promise<void> {
    const { admission, client, link } = this;
    const secret = this.#secret;
    const { sessionId } = admission;
    if (secret) {
      await Promise.allSettled([this.outside.endCall(sessionId, secret), client?.disconnect()]);
      return;
    }
    // Whatever becomes of it here, the server is told.
    await client?.disconnect().catch(() => undefined);
    // A socket that has not heard the secret has given back all there is. An offer under way is
    // answered first, else the bot would start behind the caller's back.
    await link?.settled();
    if (admission.transport === "webrtc") await this.outside.endCall(sessionId, admission.token);
  }
}

/** The devices first: whoever hangs up while the browser opens them starts no bot. */
async function open(client: PipecatClient, link: CallTransport, owner: Owner): Promise<void> {
  await client.initDevices();
  if (owner.isCurrent()) await client.connect(link.connectParams);
}

async function within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
  let timer: Timer | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CallError({ code: "connection-failed" })), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `PipecatClient.connect` rejects with: a refused offer carries its status. */
function asCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const status = Object(error).status as unknown;
  return new CallError(
    typeof status === "number" ? failureOfOffer(status) : { code: "connection-failed" },
  );
}
