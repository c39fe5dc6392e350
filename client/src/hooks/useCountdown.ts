import { useEffect, useState } from "react";

/** Whole seconds left of `seconds`, down to 0; starts anew when `seconds` or `key` changes. */
export function useCountdown(seconds: number, key: unknown): number {
  const [leftS, setLeftS] = useState(seconds);

  useEffect(() => {
    const endsAt = Date.now() + seconds * 1_000;
    const update = () => setLeftS(Math.max(0, Math.ceil((endsAt - Date.now()) / 1_000)));
    update();
    if (seconds <= 0) return;
    const timer = setInterval(update, 250);
    return () => clearInterval(timer);
  }, [seconds, key]);

  return leftS;
}
