/** The one button that starts a call, closed while a busy server asks for patience. */

import { Phone } from "lucide-react";

import { useCountdown } from "../hooks/useCountdown";
import styles from "./CallButton.module.css";

interface Props {
  label: string;
  onCall: () => void;
  /** Seconds until it is worth calling; 0 is now. */
  waitS: number;
  /** A new one starts the countdown anew. */
  waitKey: unknown;
}

export function CallButton({ label, onCall, waitS, waitKey }: Props) {
  const leftS = useCountdown(waitS, waitKey);
  return (
    <button
      type="button"
      className={styles.call}
      onClick={onCall}
      disabled={leftS > 0}
      data-testid="call-button"
    >
      <Phone size={24} fill="currentColor" strokeWidth={0} aria-hidden="true" />
      {leftS > 0 ? `${label} in ${leftS} s` : label}
    </button>
  );
}
