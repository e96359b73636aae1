import { useEffect, useRef } from "react";

type Keys = {
  readonly onDown: () => void;
  readonly onUp: () => void;
  readonly onCancel: () => void;
};

/** Whatever has a use of its own for the space bar. */
const OCCUPIED = "a, button:not([data-record]), input, select, textarea, summary, [role=switch], [role=slider], [role=dialog]";

/** Space reads, tapped or held, from anywhere on the page that does not need it; Escape cancels. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const stopped = new AbortController();
    const { signal } = stopped;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !isInDialog(event)) latest.current.onCancel();
      if (!isSpace(event)) return;
      event.preventDefault();
      if (!event.repeat) latest.current.onDown();
    }, { signal });
    document.addEventListener("keyup", (event) => {
      if (!isSpace(event)) return;
      event.preventDefault(); // or the browser would press the button as well
      latest.current.onUp();
    }, { signal });
    return () => { stopped.abort(); };
  }, []);
}

function isSpace(event: KeyboardEvent): boolean {
  if (event.key !== " " || event.ctrlKey || event.altKey || event.metaKey) return false;
  return !(event.target instanceof Element && event.target.closest(OCCUPIED) !== null);
}

function isInDialog({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest("[role=dialog]") !== null;
}
