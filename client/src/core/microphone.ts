/** Asks for the microphone before a call takes a place on the server. */

import { CallError, failureOfMicrophone } from "./failure";

export interface Microphone {
  /** Lets go of it, once the transport holds its own. */
  release(): void;
}

/**
 * Opens the microphone, the one preferred if it is still there.
 *
 * Raises: CallError, one code a cause.
 */
export async function openMicrophone(preferredId: string | null): Promise<Microphone> {
  requireSecureOrigin();
  const wanted: MediaTrackConstraints | true = preferredId ? { deviceId: preferredId } : true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    return {
      release: () => {
        for (const track of stream.getTracks()) track.stop();
      },
    };
  } catch (error) {
    throw new CallError(failureOfMicrophone(error));
  }
}

/** Browsers give sound processing and a microphone to HTTPS and localhost only. */
export function requireSecureOrigin(): void {
  if (!window.isSecureContext || !navigator.mediaDevices) {
    throw new CallError({ code: "insecure-origin" });
  }
}
