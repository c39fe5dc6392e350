/** Which models answer, in the order a voice passes through them. */

import type { Models } from "../core/state";
import styles from "./ModelsLine.module.css";

export function ModelsLine({ models }: { models: Models }) {
  const known = [
    { role: "Ears", name: models.stt },
    { role: "Brain", name: models.llm },
    { role: "Voice", name: models.tts },
  ].filter((model) => model.name !== null);
  if (known.length === 0) return null;
  return (
    <dl className={styles.models} data-testid="models">
      {known.map(({ role, name }) => (
        <div key={role}>
          <dt>{role}</dt>
          <dd>{name}</dd>
        </div>
      ))}
    </dl>
  );
}
