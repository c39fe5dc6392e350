/** What the caller's thumb needs during a call: mute, sound settings, hang up. */

import { Mic, MicOff, PhoneOff } from "lucide-react";
import type { ReactNode } from "react";

import styles from "./Dock.module.css";

interface Props {
  isMuted: boolean;
  /** Null when there is no microphone to mute. */
  onMute: (() => void) | null;
  onHangUp: () => void;
  /** The button that opens the sound settings. */
  settings: ReactNode;
}

export function Dock({ isMuted, onMute, onHangUp, settings }: Props) {
  return (
    <div className={styles.dock} role="toolbar" aria-label="Call">
      <button
        type="button"
        className={styles.round}
        onClick={onMute ?? undefined}
        disabled={onMute === null}
        aria-pressed={isMuted}
        aria-label={onMute === null ? "No microphone" : isMuted ? "Unmute" : "Mute"}
        aria-keyshortcuts="M"
        title={isMuted ? "Unmute (M)" : "Mute (M)"}
        data-testid="mute-button"
      >
        {isMuted || onMute === null ? <MicOff size={24} aria-hidden /> : <Mic size={24} aria-hidden />}
      </button>
      {settings}
      <button
        type="button"
        className={styles.hangUp}
        onClick={onHangUp}
        aria-keyshortcuts="H"
        title="Hang up (H)"
        data-testid="hangup-button"
      >
        <PhoneOff size={22} aria-hidden="true" />
        Hang up
      </button>
    </div>
  );
}
