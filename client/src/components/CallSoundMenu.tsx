/** The sound settings during a call: a choice takes effect at once, and is kept. */

import { usePipecatClientMediaDevices } from "@pipecat-ai/client-react";

import type { Preferences } from "../core/preferences";
import { asChoices } from "./asChoices";
import { SoundMenu } from "./SoundMenu";

interface Props {
  preferences: Preferences;
  onPreferences: (changes: Partial<Preferences>) => void;
}

export function CallSoundMenu({ preferences, onPreferences }: Props) {
  const devices = usePipecatClientMediaDevices();
  return (
    <SoundMenu
      microphones={asChoices(devices.availableMics)}
      microphoneId={devices.selectedMic.deviceId ?? "default"}
      onMicrophone={(microphoneId) => {
        devices.updateMic(microphoneId);
        onPreferences({ microphoneId });
      }}
      speakers={asChoices(devices.availableSpeakers)}
      speakerId={devices.selectedSpeaker.deviceId ?? "default"}
      onSpeaker={(speakerId) => {
        devices.updateSpeaker(speakerId);
        onPreferences({ speakerId });
      }}
      transport={preferences.transport}
      onTransport={null}
    />
  );
}
