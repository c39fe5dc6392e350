import { useEffect, useRef, type RefObject } from "react";

/**
 * Puts the focus on the page's main part when `part` changes and took the focused button with it,
 * so that the next Tab goes on from there and not from the top.
 */
export function useKeptFocus<T extends HTMLElement>(part: string): RefObject<T | null> {
  const page = useRef<T>(null);
  const shown = useRef(part);

  useEffect(() => {
    if (shown.current === part) return;
    shown.current = part;
    if (document.activeElement !== document.body) return;
    page.current?.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
  }, [part]);

  return page;
}
