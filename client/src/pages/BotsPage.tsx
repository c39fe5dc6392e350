/** `/`: everyone who answers here. */

import { BotCard } from "../components/BotCard";
import { FailureNote } from "../components/FailureNote";
import { TopBar } from "../components/TopBar";
import { toneOf } from "../core/tone";
import type { Bots } from "../hooks/useBots";
import { useDocumentTitle } from "../hooks/useDocumentTitle";
import styles from "./BotsPage.module.css";

interface Props {
  bots: Bots;
  onReload: () => void;
  theme: "light" | "dark";
  onToggleTheme: () => void;
}

export function BotsPage({ bots, onReload, theme, onToggleTheme }: Props) {
  useDocumentTitle("Offhook");
  return (
    <div className={styles.page}>
      <TopBar hasWayBack={false} theme={theme} onToggleTheme={onToggleTheme} />
      <main>
        <h1 className={styles.heading}>Pick up and talk.</h1>
        {bots.status === "loading" && <Waiting />}
        {bots.status === "failed" && (
          <FailureNote failure={bots.failure}>
            <button type="button" className={styles.reload} onClick={onReload}>
              Try again
            </button>
          </FailureNote>
        )}
        {bots.status === "ready" && bots.bots.length === 0 && (
          <p className={styles.none}>
            Nobody answers a link here yet. Give a bot <code>answer: {"{link: true}"}</code> in its
            file, and it appears.
          </p>
        )}
        {bots.status === "ready" && bots.bots.length > 0 && (
          <ul className={styles.bots}>
            {bots.bots.map((bot) => (
              <li key={bot.name}>
                <BotCard bot={bot} tone={toneOf(bot.name, bots.bots)} />
              </li>
            ))}
          </ul>
        )}
      </main>
    </div>
  );
}

const Waiting = () => (
  <div className={styles.bots} aria-busy="true">
    <p className="visually-hidden" role="status">
      Looking who is there
    </p>
    {[0, 1, 2].map((place) => (
      <div key={place} className={styles.placeholder} />
    ))}
  </div>
);
