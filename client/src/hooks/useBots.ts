import { useCallback, useEffect, useState } from "react";

import { listBots, type Bot } from "../core/api";
import { CallError, type Failure } from "../core/failure";

export type Bots =
  | { status: "loading" }
  | { status: "ready"; bots: readonly Bot[] }
  | { status: "failed"; failure: Failure };

/** How often the list is asked for again while bots warm up, or while there is no answer. */
const POLL_MS = 3_000;

/** The bots that answer a link, asked for again whenever the reader comes back to the page. */
export function useBots(): { state: Bots; reload: () => void } {
  const [state, setState] = useState<Bots>({ status: "loading" });
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askLater = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, POLL_MS);
    };
    const ask = async () => {
      try {
        const bots = await listBots(abort.signal);
        if (abort.signal.aborted) return;
        setState({ status: "ready", bots });
        if (bots.some((bot) => !bot.isWarm)) askLater();
      } catch (error) {
        if (abort.signal.aborted) return;
        askLater();
        const failure: Failure =
          error instanceof CallError ? error.failure : { code: "server-unreachable" };
        // A list that is there stays: calling tells soon enough whether the server is back.
        setState((old) => (old.status === "ready" ? old : { status: "failed", failure }));
      }
    };
    const askAgain = () => {
      if (document.visibilityState === "visible") void ask();
    };
    void ask();
    document.addEventListener("visibilitychange", askAgain);
    return () => {
      document.removeEventListener("visibilitychange", askAgain);
      abort.abort();
      clearTimeout(timer);
    };
  }, [round]);

  const reload = useCallback(() => {
    setState({ status: "loading" });
    setRound((old) => old + 1);
  }, []);
  return { state, reload };
}
