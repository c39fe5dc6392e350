/** The outside world, replaceable in tests. */

import { endCall, requestCall } from "./api";
import { openMicrophone, requireSecureOrigin } from "./microphone";
import { createTransport } from "./transports/transport";

export interface Outside {
  openMicrophone: typeof openMicrophone;
  requireSecureOrigin: typeof requireSecureOrigin;
  requestCall: typeof requestCall;
  endCall: typeof endCall;
  createTransport: typeof createTransport;
  now(): number;
}

export const BROWSER: Outside = {
  openMicrophone,
  requireSecureOrigin,
  requestCall,
  endCall,
  createTransport,
  now: Date.now,
};
