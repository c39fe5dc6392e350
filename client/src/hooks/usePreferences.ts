import { useCallback, useState } from "react";

import { loadPreferences, savePreferences, type Preferences } from "../core/preferences";

export function usePreferences(): [Preferences, (changes: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(loadPreferences);
  const change = useCallback((changes: Partial<Preferences>) => {
    setPreferences(savePreferences(changes));
  }, []);
  return [preferences, change];
}
