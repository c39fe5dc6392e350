/** Which models answer, in the order a voice passes through them. */

import type { Models } from "../core/state";
import { ROLES } from "../core/wording";
import styles from "./ModelsLine.module.css";

const KINDS = ["stt", "llm", "tts"] as const;

export function ModelsLine({ models }: { models: Models }) {
  const known = KINDS.filter((kind) => models[kind] !== null);
  if (known.length === 0) return null;
  return (
    <dl className={styles.models} data-testid="models">
      {known.map((kind) => (
        <div key={kind}>
          <dt>{ROLES[kind]}</dt>
          <dd>
            <Name of={models[kind] ?? ""} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** `local/hibari`, in two pieces where there is no room for it in one. */
function Name({ of: name }: { of: string }) {
  const modelAt = name.indexOf("/") + 1;
  return (
    <>
      {modelAt > 0 && <span>{name.slice(0, modelAt)}</span>}
      <span>{name.slice(modelAt)}</span>
    </>
  );
}
