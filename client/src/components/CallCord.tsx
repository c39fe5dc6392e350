/** Connects the visualiser to the call: the microphone's track, and the bot's track or samples. */

import { usePipecatClientMediaTrack } from "@pipecat-ai/client-react";
import { useMemo } from "react";

import type { CallSession } from "../core/session";
import type { CallState } from "../core/state";
import { useTrackLevel } from "../hooks/useTrackLevel";
import { Cord } from "./Cord";

interface Props {
  session: CallSession;
  state: CallState;
  botTitle: string;
}

export function CallCord({ session, state, botTitle }: Props) {
  const userLevel = useTrackLevel(usePipecatClientMediaTrack("audio", "local"));
  const trackLevel = useTrackLevel(usePipecatClientMediaTrack("audio", "bot"));
  const botLevel = useMemo(
    () => () => (session.getBotLevel() ?? trackLevel)(),
    [session, trackLevel],
  );
  return (
    <Cord
      userLevel={userLevel}
      botLevel={botLevel}
      isThinking={state.agent === "thinking"}
      isTaut={state.phase === "live"}
      botTitle={botTitle}
      userLabel={!state.hasMicrophone ? "You, typing" : state.isMuted ? "You, muted" : "You"}
    />
  );
}
