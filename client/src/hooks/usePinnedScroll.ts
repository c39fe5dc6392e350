import { useEffect, useRef, type RefObject } from "react";

/** Within this many pixels of the end the reader is taken to follow along. */
const SLACK_PX = 80;

/** Keeps a scrolled box at its end as it grows, unless the reader has scrolled up. */
export function usePinnedScroll<T extends HTMLElement>(content: unknown): RefObject<T | null> {
  const box = useRef<T>(null);
  const isPinned = useRef(true);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const follow = () => {
      const { scrollHeight, scrollTop, clientHeight } = element;
      isPinned.current = scrollHeight - scrollTop - clientHeight < SLACK_PX;
    };
    element.addEventListener("scroll", follow, { passive: true });
    return () => element.removeEventListener("scroll", follow);
  }, []);

  useEffect(() => {
    if (isPinned.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [content]);

  return box;
}
