/** The two pages: `/` lists the bots, `/call/<bot>` calls one. */

import { lazy, Suspense, useEffect } from "react";
import { Route, Switch } from "wouter";

import { useBots } from "./hooks/useBots";
import { usePreferences } from "./hooks/usePreferences";
import { useTheme } from "./hooks/useTheme";
import { BotsPage } from "./pages/BotsPage";
import { LostPage } from "./pages/LostPage";
import { PageFault } from "./pages/PageFault";

// Calling takes four times the code that choosing does; it loads while the caller looks around.
const callPage = () => import("./pages/CallPage");
const CallPage = lazy(async () => ({ default: (await callPage()).CallPage }));

export function App() {
  const [preferences, setPreferences] = usePreferences();
  const { state, reload } = useBots();
  const theme = useTheme(preferences.theme);
  useEffect(() => void callPage().catch(() => undefined), []);
  const toggleTheme = () => setPreferences({ theme: theme === "dark" ? "light" : "dark" });

  return (
    <PageFault>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/">
            <BotsPage bots={state} onReload={reload} theme={theme} onToggleTheme={toggleTheme} />
          </Route>
          <Route path="/call/:bot">
            {({ bot }) => (
              <CallPage
                key={bot}
                name={bot}
                bots={state}
                preferences={preferences}
                onPreferences={setPreferences}
                theme={theme}
                onToggleTheme={toggleTheme}
              />
            )}
          </Route>
          <Route>
            <LostPage />
          </Route>
        </Switch>
      </Suspense>
    </PageFault>
  );
}
