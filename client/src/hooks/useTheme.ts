import { useEffect, useSyncExternalStore } from "react";

import type { Theme } from "../core/preferences";

const QUERY = "(prefers-color-scheme: dark)";

const subscribe = (onChange: () => void) => {
  const media = window.matchMedia(QUERY);
  media.addEventListener("change", onChange);
  return () => media.removeEventListener("change", onChange);
};

/** Puts the chosen theme on the document; `system` follows the system as it changes. */
export function useTheme(choice: Theme): "light" | "dark" {
  const isSystemDark = useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);
  const system = isSystemDark ? "dark" : "light";
  const theme = choice === "system" ? system : choice;

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);

  return theme;
}
