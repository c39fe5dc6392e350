/** Before, between and after calls: who answers, what happened, and the button. */

import { Keyboard } from "lucide-react";
import { Link } from "wouter";

import { canTypeInstead } from "../core/failure";
import type { Preferences } from "../core/preferences";
import { isDialing, type CallState, type Models } from "../core/state";
import { asClock, inSeconds, isLongTitle, wordsOfEnding, wordsOfMoment } from "../core/wording";
import { CallButton } from "./CallButton";
import styles from "./CallPoster.module.css";
import { FailureNote } from "./FailureNote";
import { Handset } from "./Handset";
import { IdleSoundMenu } from "./IdleSoundMenu";
import { ModelsLine } from "./ModelsLine";

interface Props {
  state: CallState;
  title: string;
  description: string;
  models: Models | null;
  /** Whether the list of bots is known and this one is not in it. */
  isUnknown: boolean;
  /** Whether its models are loaded. */
  isWarm: boolean;
  onCall: (withMicrophone: boolean) => void;
  onCancel: () => void;
  preferences: Preferences;
  onPreferences: (changes: Partial<Preferences>) => void;
  className?: string | undefined;
}

export function CallPoster(props: Props) {
  const { state, title, description, models, onCall, onCancel, preferences, onPreferences } = props;
  const dialing = isDialing(state.phase);
  const failure = state.failure ?? (props.isUnknown ? { code: "unknown-bot" as const } : null);
  const canCall = failure?.code !== "unknown-bot" && failure?.code !== "insecure-origin";
  return (
    <main tabIndex={-1} className={`${styles.poster} ${props.className ?? ""}`} data-dialing={dialing}>
      <Handset className={styles.handset} />
      <div className={styles.text}>
        <h1 className={styles.title} data-is-long={isLongTitle(title)}>
          {title}
        </h1>
        {state.phase === "ended" ? (
          <Ending state={state} />
        ) : (
          description && <p className={styles.about}>{description}</p>
        )}
        {failure && !dialing && <FailureNote failure={failure} />}
        {dialing ? (
          <div className={styles.actions}>
            <p className={styles.moment} role="status" data-testid="agent-state" data-state={state.phase}>
              {state.hasFallenBack ? "Trying another way" : wordsOfMoment(state.phase, state.agent)}
            </p>
            <button
              type="button"
              className={styles.quiet}
              onClick={onCancel}
              aria-keyshortcuts="Escape"
              data-testid="hangup-button"
            >
              Cancel
            </button>
          </div>
        ) : (
          <div className={styles.actions}>
            {canCall && (
              <CallButton
                label={state.phase === "idle" ? "Call" : "Call again"}
                onCall={() => onCall(true)}
                waitS={failure?.retryAfterS ?? 0}
                waitKey={failure}
              />
            )}
            {failure && canTypeInstead(failure.code) && (
              <button type="button" className={styles.quiet} onClick={() => onCall(false)} data-testid="type-button">
                <Keyboard size={20} aria-hidden="true" /> Type instead
              </button>
            )}
            {canCall && <IdleSoundMenu preferences={preferences} onPreferences={onPreferences} />}
            {failure?.code === "unknown-bot" && (
              <Link href="/" className={styles.quiet}>
                See who answers
              </Link>
            )}
            {!props.isWarm && canCall && !failure && (
              <p className={styles.warming} role="status">
                Still warming up: its first answer may take longer.
              </p>
            )}
          </div>
        )}
        {models && <ModelsLine models={models} />}
      </div>
    </main>
  );
}

function Ending({ state }: { state: CallState }) {
  const { title, text } = wordsOfEnding(state.endReason ?? "bot", state.notice);
  const lastedMs = state.liveAt === null ? 0 : (state.endedAt ?? state.liveAt) - state.liveAt;
  const sorted = state.latencies.map((latency) => latency.totalMs).toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return (
    <div role="status" data-testid="ended" data-reason={state.endReason}>
      <p className={styles.about}>
        <strong>{title}.</strong> {text}
      </p>
      {lastedMs > 0 && (
        <p className={styles.summary}>
          {asClock(lastedMs)} on the line
          {middle !== undefined && `, answered in ${inSeconds(middle)}`}
        </p>
      )}
    </div>
  );
}
