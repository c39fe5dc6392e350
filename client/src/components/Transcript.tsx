/** The conversation in writing, both sides, as it happens. */

import { upcomingOf, type BotEntry, type Entry, type UserEntry } from "../core/transcript";
import { usePinnedScroll } from "../hooks/usePinnedScroll";
import styles from "./Transcript.module.css";

interface Props {
  entries: readonly Entry[];
  botTitle: string;
}

/** The style sheet lets unfinished words trail off; some ears write the same dots themselves. */
const OWN_DOTS = /[.…]+$/;

export function Transcript({ entries, botTitle }: Props) {
  const box = usePinnedScroll<HTMLDivElement>(entries);
  return (
    <div
      ref={box}
      className={styles.transcript}
      role="log"
      aria-live="polite"
      aria-relevant="additions"
      aria-label="Transcript"
      tabIndex={0}
      data-testid="transcript"
    >
      {entries.length === 0 && <p className={styles.empty}>What is said appears here.</p>}
      {entries.map((entry) =>
        entry.speaker === "user" ? (
          <FromUser key={entry.id} entry={entry} />
        ) : (
          <FromBot key={entry.id} entry={entry} botTitle={botTitle} />
        ),
      )}
    </div>
  );
}

function FromUser({ entry }: { entry: UserEntry }) {
  return (
    <div className={styles.user}>
      <p className={styles.who}>{entry.via === "text" ? "You, typed" : "You"}</p>
      <p className={styles.words} data-testid="transcript-user" data-final={entry.interim === ""}>
        {entry.said.map((words, place) => (
          <span key={`${place} ${words}`}>{words} </span>
        ))}
        {entry.interim && (
          <span className={styles.interim} aria-hidden="true">
            {entry.interim.replace(OWN_DOTS, "")}
          </span>
        )}
      </p>
    </div>
  );
}

function FromBot({ entry, botTitle }: { entry: BotEntry; botTitle: string }) {
  const upcoming = upcomingOf(entry);
  return (
    <div className={styles.bot}>
      <p className={styles.who}>{botTitle}</p>
      <p className={styles.words}>
        <span data-testid="transcript-bot">
          {entry.segments.map((segment, place) => (
            <span key={segment.id ?? `place ${place}`}>{segment.spoken.trim()} </span>
          ))}
        </span>
        {upcoming && (
          <span className={styles.upcoming} aria-hidden="true">
            {upcoming}
          </span>
        )}
        {entry.isInterrupted && <span className={styles.cut}>interrupted</span>}
      </p>
    </div>
  );
}
