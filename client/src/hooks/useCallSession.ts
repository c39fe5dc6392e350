import { useEffect, useState, useSyncExternalStore } from "react";

import { CallSession } from "../core/session";
import type { CallState } from "../core/state";

/** The call to one bot, hung up when the page is left. */
export function useCallSession(bot: string): { session: CallSession; state: CallState } {
  const [session] = useState(() => new CallSession(bot));
  const state = useSyncExternalStore(session.subscribe, session.getState);

  useEffect(() => {
    const leave = () => session.hangUp();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      session.hangUp();
    };
  }, [session]);

  return { session, state };
}
