import { useEffect, useState } from "react";

/** Milliseconds since `sinceMs`, kept going once a second until `untilMs` is known. */
export function useElapsed(sinceMs: number | null, untilMs: number | null): number {
  const [nowMs, setNowMs] = useState(Date.now);

  useEffect(() => {
    if (sinceMs === null || untilMs !== null) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [sinceMs, untilMs]);

  return sinceMs === null ? 0 : Math.max(0, (untilMs ?? nowMs) - sinceMs);
}
