/** The call itself: what the bot is doing, both voices, and the controls. */

import { X } from "lucide-react";

import type { Preferences } from "../core/preferences";
import type { CallSession } from "../core/session";
import type { CallState, Models } from "../core/state";
import { asClock, wordsOfAside, wordsOfMoment } from "../core/wording";
import { useElapsed } from "../hooks/useElapsed";
import { CallCord } from "./CallCord";
import { CallSoundMenu } from "./CallSoundMenu";
import styles from "./CallStage.module.css";
import { Dock } from "./Dock";
import { LatencyBadge } from "./LatencyBadge";
import { ModelsLine } from "./ModelsLine";

interface Props {
  session: CallSession;
  state: CallState;
  title: string;
  models: Models | null;
  preferences: Preferences;
  onPreferences: (changes: Partial<Preferences>) => void;
  className?: string | undefined;
}

/** The clock counts down once this little is left of a limited call. */
const LAST_STRETCH_MS = 60_000;

export function CallStage({ session, state, title, models, preferences, onPreferences, className }: Props) {
  const elapsedMs = useElapsed(state.liveAt, state.endedAt);
  const leftMs = state.durationLimitS === null ? Infinity : state.durationLimitS * 1_000 - elapsedMs;
  const latency = state.latencies.at(-1);
  const isLive = state.phase === "live";
  const aside = isLive ? wordsOfAside(state) : "";
  return (
    <main tabIndex={-1} className={`${styles.stage} ${className ?? ""}`} data-state={isLive ? state.agent : state.phase}>
      <div className={styles.facts}>
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.clock}>
          {leftMs < LAST_STRETCH_MS ? `${asClock(leftMs)} left` : asClock(elapsedMs)}
          <span className={styles.way} data-testid="transport" data-transport={state.transport}>
            {state.transport === "websocket" ? "WebSocket" : "WebRTC"}
          </span>
        </p>
      </div>
      <div className={styles.middle}>
        <p
          className={styles.moment}
          role="status"
          data-testid="agent-state"
          data-state={isLive ? state.agent : state.phase}
        >
          {wordsOfMoment(state.phase, state.agent)}
        </p>
        <p className={styles.aside} key={aside} data-testid="aside">
          {aside}
        </p>
        <CallCord session={session} state={state} botTitle={title} />
      </div>
      <div className={styles.foot}>
        {state.phase === "reconnecting" && (
          <p className={styles.notice} role="alert" data-testid="reconnecting">
            The connection broke. Hold the line.
          </p>
        )}
        {state.notice && isLive && (
          <p className={styles.notice} role="status" data-testid="notice">
            {state.notice.message}
            <button type="button" onClick={() => session.dismissNotice()} aria-label="Dismiss">
              <X size={18} aria-hidden="true" />
            </button>
          </p>
        )}
        <div className={styles.about}>
          {latency && <LatencyBadge latency={latency} turnEnd={state.turnEnd} />}
          {models && <ModelsLine models={models} />}
        </div>
      </div>
      <div className={styles.dock}>
        <Dock
          isMuted={state.isMuted}
          onMute={state.hasMicrophone ? () => session.setMuted(!state.isMuted) : null}
          onHangUp={() => session.hangUp()}
          settings={<CallSoundMenu preferences={preferences} onPreferences={onPreferences} />}
        />
      </div>
    </main>
  );
}
