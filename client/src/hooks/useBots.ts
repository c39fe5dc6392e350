import { useCallback, useEffect, useState } from "react";

import { listBots, type Bot } from "../core/api";
import { CallError, type Failure } from "../core/failure";

export type Bots =
  | { status: "loading" }
  | { status: "ready"; bots: readonly Bot[] }
  | { status: "failed"; failure: Failure };

/** Bots warm up after the server has started; until all are warm the list is asked for again. */
const WARMING_POLL_MS = 3_000;

export function useBots(): { state: Bots; reload: () => void } {
  const [state, setState] = useState<Bots>({ status: "loading" });
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const bots = await listBots(abort.signal);
        setState({ status: "ready", bots });
        if (bots.some((bot) => !bot.isWarm)) timer = setTimeout(ask, WARMING_POLL_MS);
      } catch (error) {
        if (abort.signal.aborted) return;
        const failure: Failure =
          error instanceof CallError ? error.failure : { code: "server-unreachable" };
        setState({ status: "failed", failure });
      }
    };
    void ask();
    return () => {
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
