/** Any other address. */

import { Link } from "wouter";

import { useDocumentTitle } from "../hooks/useDocumentTitle";
import styles from "./BotsPage.module.css";

export function LostPage() {
  useDocumentTitle("Not here · Offhook");
  return (
    <main className={styles.page}>
      <h1 className={styles.heading}>Wrong number.</h1>
      <p className={styles.none}>
        There is nothing at this address. <Link href="/">See who answers here.</Link>
      </p>
    </main>
  );
}
