/** How long the last answer took, and where the time went. */

import { Popover } from "radix-ui";

import type { Latency, TurnEnd } from "../core/state";
import { inSeconds, stageName, wordsOfTurnEnd } from "../core/wording";
import styles from "./LatencyBadge.module.css";

interface Props {
  latency: Latency;
  /** How the caller's turn before it ended, where the server says so. */
  turnEnd?: TurnEnd | null;
}

export function LatencyBadge({ latency, turnEnd }: Props) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          className={styles.badge}
          data-testid="latency"
          data-total-ms={Math.round(latency.totalMs)}
          aria-label={`Answered in ${inSeconds(latency.totalMs)}. Where the time went`}
        >
          Answered in <strong>{inSeconds(latency.totalMs)}</strong>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.card}
          align="start"
          sideOffset={10}
          collisionPadding={12}
          aria-label="Where the time went"
        >
          <p className={styles.lead}>From your last word to the first sound of the answer</p>
          <dl className={styles.stages} data-testid="latency-stages">
            {latency.stages.map(({ name, ms }) => (
              <div key={name} className={styles.stage}>
                <dt>{stageName(name)}</dt>
                <dd>{Math.round(ms)} ms</dd>
                <span
                  className={styles.share}
                  style={{ inlineSize: `${Math.min(100, (ms / latency.totalMs) * 100)}%` }}
                  aria-hidden="true"
                />
              </div>
            ))}
          </dl>
          {turnEnd && (
            <p className={styles.end} data-testid="turn-end">
              {wordsOfTurnEnd(turnEnd)}
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
