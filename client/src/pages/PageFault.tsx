/** Instead of a blank page: a part of it that did not load, as after the server was updated. */

import { Component, type ReactNode } from "react";

import styles from "./BotsPage.module.css";

interface Props {
  children: ReactNode;
}

export class PageFault extends Component<Props, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className={styles.page}>
        <h1 className={styles.heading}>Bad line.</h1>
        <p className={styles.none} role="alert">
          A part of this page did not load. It may have been updated since you opened it.
        </p>
        <button type="button" className={styles.reload} onClick={() => window.location.reload()}>
          Load it again
        </button>
      </main>
    );
  }
}
