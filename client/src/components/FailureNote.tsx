/** What went wrong, in words, with what can be done about it. */

import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import type { Failure } from "../core/failure";
import { wordsOfFailure } from "../core/wording";
import styles from "./FailureNote.module.css";

interface Props {
  failure: Failure;
  children?: ReactNode;
}

export function FailureNote({ failure, children }: Props) {
  const { title, text } = wordsOfFailure(failure);
  return (
    <div className={styles.note} role="alert" data-testid="error" data-code={failure.code}>
      <TriangleAlert size={24} aria-hidden="true" className={styles.sign} />
      <div>
        <h2 className={styles.title}>{title}</h2>
        <p>{text}</p>
        {children && <div className={styles.actions}>{children}</div>}
      </div>
    </div>
  );
}
