/** Says something in writing; the bot answers aloud. */

import { ArrowUp } from "lucide-react";
import { useRef, useState, type KeyboardEvent, type SubmitEvent } from "react";

import { useShortcut } from "../hooks/useShortcut";
import styles from "./Composer.module.css";

interface Props {
  isEnabled: boolean;
  onSay: (text: string) => void;
}

/** A spoken turn is short; so is what stands in for one. */
const MAX_LENGTH = 1_000;

export function Composer({ isEnabled, onSay }: Props) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useShortcut("t", () => field.current?.focus(), isEnabled);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() === "" || !isEnabled) return;
    onSay(text);
    setText("");
  };
  const leaveOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape") field.current?.blur();
  };

  return (
    <form className={styles.composer} onSubmit={submit}>
      <input
        ref={field}
        className={styles.field}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={leaveOnEscape}
        placeholder="Type instead of talking"
        aria-label="Type instead of talking"
        aria-keyshortcuts="T"
        maxLength={MAX_LENGTH}
        autoComplete="off"
        enterKeyHint="send"
        disabled={!isEnabled}
        data-testid="text-input"
      />
      <button
        type="submit"
        className={styles.send}
        disabled={!isEnabled || text.trim() === ""}
        aria-label="Say it"
      >
        <ArrowUp size={22} strokeWidth={2.5} aria-hidden="true" />
      </button>
    </form>
  );
}
