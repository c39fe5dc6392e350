import { useEffect, useEffectEvent } from "react";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

/**
 * Runs `onPress` for a single key without modifiers, except while something is being typed or an
 * open menu wants the key.
 */
export function useShortcut(key: string, onPress: () => void, isEnabled = true): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== key.toLowerCase() || event.repeat || event.defaultPrevented) {
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("[data-radix-popper-content-wrapper], [role=alertdialog]")) return;
    event.preventDefault();
    onPress();
  });

  useEffect(() => {
    if (!isEnabled) return;
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [isEnabled]);
}
