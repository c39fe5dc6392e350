/** The line at the top of each page: the name, the way back, the theme. */

import { ArrowLeft, Moon, Sun } from "lucide-react";
import { Link } from "wouter";

import styles from "./TopBar.module.css";

interface Props {
  hasWayBack: boolean;
  theme: "light" | "dark";
  onToggleTheme: () => void;
}

export function TopBar({ hasWayBack, theme, onToggleTheme }: Props) {
  const next = theme === "dark" ? "light" : "dark";
  return (
    <header className={styles.bar}>
      <Link href="/" className={styles.name} aria-label={hasWayBack ? "Offhook, all bots" : "Offhook"}>
        {hasWayBack ? <ArrowLeft size={20} aria-hidden="true" /> : <Mark />}
        <span>Offhook</span>
      </Link>
      <button
        type="button"
        className={styles.theme}
        onClick={onToggleTheme}
        aria-label={`Switch to ${next} colours`}
      >
        {theme === "dark" ? <Sun size={20} aria-hidden /> : <Moon size={20} aria-hidden />}
      </button>
    </header>
  );
}

const Mark = () => (
  <svg viewBox="10 18 44 28" width="34" height="22" fill="none" aria-hidden="true">
    <g stroke="currentColor" strokeLinecap="round">
      <path d="M15 33C21 20 43 20 49 33" strokeWidth="8" />
      <path d="M15 34v6M49 34v6" strokeWidth="11" />
    </g>
  </svg>
);
