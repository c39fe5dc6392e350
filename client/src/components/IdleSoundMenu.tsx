/** The sound settings before a call: what the browser knows, kept for the call to come. */

import type { Preferences } from "../core/preferences";
import { useBrowserDevices } from "../hooks/useBrowserDevices";
import { asChoices } from "./asChoices";
import { SoundMenu } from "./SoundMenu";

interface Props {
  preferences: Preferences;
  onPreferences: (changes: Partial<Preferences>) => void;
}

export function IdleSoundMenu({ preferences, onPreferences }: Props) {
  const { microphones, speakers } = useBrowserDevices();
  return (
    <SoundMenu
      microphones={asChoices(microphones)}
      microphoneId={preferences.microphoneId ?? "default"}
      onMicrophone={(microphoneId) => onPreferences({ microphoneId })}
      speakers={asChoices(speakers)}
      speakerId={preferences.speakerId ?? "default"}
      onSpeaker={(speakerId) => onPreferences({ speakerId })}
      transport={preferences.transport}
      onTransport={(transport) => onPreferences({ transport })}
    />
  );
}
