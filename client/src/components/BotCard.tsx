/** One bot, as a telephone waiting to be picked up. */

import { Phone } from "lucide-react";
import { Link } from "wouter";

import type { Bot } from "../core/api";
import { isLongTitle, languageName } from "../core/wording";
import styles from "./BotCard.module.css";
import { Handset } from "./Handset";

interface Props {
  bot: Bot;
  tone: number;
}

export function BotCard({ bot, tone }: Props) {
  return (
    <article className={styles.card} data-tone={tone}>
      <ul className={styles.tags} aria-label="Languages">
        {bot.languages.map((tag) => (
          <li key={tag}>{languageName(tag)}</li>
        ))}
        {!bot.isWarm && <li className={styles.warming}>Warming up</li>}
      </ul>
      <Handset className={styles.handset} />
      <div className={styles.foot}>
        <div>
          <h2 className={styles.title} data-is-long={isLongTitle(bot.title)}>
            <Link
              href={`/call/${encodeURIComponent(bot.name)}`}
              className={styles.link}
              data-testid={`bot-card-${bot.name}`}
            >
              <span className="visually-hidden">Call </span>
              {bot.title}
            </Link>
          </h2>
          <p className={styles.about}>{bot.description}</p>
        </div>
        <span className={styles.call} aria-hidden="true">
          <Phone size={22} fill="currentColor" strokeWidth={0} />
        </span>
      </div>
    </article>
  );
}
