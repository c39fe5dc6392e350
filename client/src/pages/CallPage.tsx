/** `/call/<bot>`: a poster before and after the call, a stage and the transcript during it. */

import { PipecatClientAudio, PipecatClientProvider } from "@pipecat-ai/client-react";
import { useSyncExternalStore, type ReactNode } from "react";
import { useSearch } from "wouter";

import { CallPoster } from "../components/CallPoster";
import { CallStage } from "../components/CallStage";
import { Composer } from "../components/Composer";
import { TopBar } from "../components/TopBar";
import { Transcript } from "../components/Transcript";
import type { Bot } from "../core/api";
import { transportFromAddress, type Preferences } from "../core/preferences";
import type { CallSession } from "../core/session";
import { isDialing, isInCall } from "../core/state";
import { toneOf } from "../core/tone";
import type { Bots } from "../hooks/useBots";
import { useCallSession } from "../hooks/useCallSession";
import { useDocumentTitle } from "../hooks/useDocumentTitle";
import { useKeptFocus } from "../hooks/useKeptFocus";
import { useShortcut } from "../hooks/useShortcut";
import styles from "./CallPage.module.css";

interface Props {
  name: string;
  bots: Bots;
  preferences: Preferences;
  onPreferences: (changes: Partial<Preferences>) => void;
  theme: "light" | "dark";
  onToggleTheme: () => void;
}

export function CallPage({ name, bots, preferences, onPreferences, theme, onToggleTheme }: Props) {
  const { session, state } = useCallSession(name);
  const fromAddress = transportFromAddress(useSearch());
  const known: readonly Bot[] = bots.status === "ready" ? bots.bots : [];
  const bot = known.find((candidate) => candidate.name === name) ?? null;
  const title = state.botTitle ?? bot?.title ?? name;
  const inCall = isInCall(state.phase);
  useDocumentTitle(inCall ? `On the line with ${title} · Offhook` : `${title} · Offhook`);

  const call = (withMicrophone: boolean) =>
    void session.call({
      transport: fromAddress ?? preferences.transport,
      withMicrophone,
      microphoneId: preferences.microphoneId,
      speakerId: preferences.speakerId,
    });
  useShortcut("m", () => session.setMuted(!state.isMuted), inCall && state.hasMicrophone);
  useShortcut("h", () => session.hangUp(), inCall);
  useShortcut("Escape", () => session.hangUp(), isDialing(state.phase));

  const page = useKeptFocus<HTMLDivElement>(
    inCall ? "call" : isDialing(state.phase) ? "dialing" : "poster",
  );
  const hasTalk = inCall || state.transcript.length > 0;
  return (
    <div ref={page} className={styles.page} data-tone={toneOf(name, known)} data-layout={inCall ? "call" : hasTalk ? "after" : "poster"}>
      <div className={styles.top}>
        <TopBar hasWayBack theme={theme} onToggleTheme={onToggleTheme} />
      </div>
      <WithClient session={session}>
        {inCall ? (
          <CallStage
            session={session}
            state={state}
            title={title}
            models={state.models ?? bot?.models ?? null}
            preferences={preferences}
            onPreferences={onPreferences}
            className={styles.stage}
          />
        ) : (
          <CallPoster
            state={state}
            title={title}
            description={bot?.description ?? ""}
            models={state.models ?? bot?.models ?? null}
            isUnknown={bots.status === "ready" && bot === null}
            isWarm={bot?.isWarm ?? true}
            onCall={call}
            onCancel={() => session.hangUp()}
            preferences={preferences}
            onPreferences={onPreferences}
            className={styles.stage}
          />
        )}
      </WithClient>
      {hasTalk && (
        <section className={styles.talk} aria-label="Conversation">
          <Transcript entries={state.transcript} botTitle={title} />
          {inCall && (
            <Composer
              isEnabled={state.phase === "live"}
              onSay={(text) => session.say(text)}
            />
          )}
        </section>
      )}
    </div>
  );
}

/** Gives the hooks of client-react the client of the call, while there is one. */
function WithClient({ session, children }: { session: CallSession; children: ReactNode }) {
  const client = useSyncExternalStore(session.subscribe, session.getClient);
  if (!client) return children;
  return (
    <PipecatClientProvider client={client}>
      {children}
      <PipecatClientAudio />
    </PipecatClientProvider>
  );
}
