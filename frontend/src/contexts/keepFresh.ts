/** A change on the server is known after a second there and this long here: within five seconds, with the way between. */
export const ASK_EVERY_MS = 3_000;
/** A server that is away is not asked more often than that. */
export const LONGEST_PAUSE_MS = 30_000;

/** As much of a page as is looked at. */
export type Page = {
  /** Runs something later; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly isVisible: () => boolean;
  /** Somebody looks at it again, or the device has a network again. Returns how to hear no more. */
  readonly onReturn: (run: () => void) => () => void;
};

/**
 * Ask now, and every few seconds while the page can be seen; at once when somebody is back; ever less often while it
 * fails. Returns how to stop.
 */
export function keepFresh(ask: (signal: AbortSignal) => Promise<void>, page: Page = thisPage()): () => void {
  const stopped = new AbortController();
  let running = new AbortController();
  let failures = 0;
  let stopTimer: (() => void) | undefined;

  const pause = () => Math.min(ASK_EVERY_MS * 2 ** failures, LONGEST_PAUSE_MS);
  const run = async () => {
    stopTimer?.();
    running.abort(); // after a sleep nobody knows what became of it
    running = new AbortController();
    const { signal } = running;
    try {
      await ask(AbortSignal.any([signal, stopped.signal]));
      failures = 0;
    } catch {
      failures += 1;
    }
    if (!signal.aborted && !stopped.signal.aborted) stopTimer = page.after(pause(), look);
  };
  const look = () => {
    if (page.isVisible()) void run();
  };

  const stopListening = page.onReturn(look);
  void run();
  return () => {
    stopped.abort();
    stopTimer?.();
    stopListening();
  };
}

function thisPage(): Page {
  return {
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => { clearTimeout(timer); };
    },
    isVisible: () => !document.hidden,
    onReturn: (run) => {
      const stopped = new AbortController();
      const { signal } = stopped;
      document.addEventListener("visibilitychange", run, { signal });
      for (const name of ["focus", "online", "pageshow"]) globalThis.addEventListener(name, run, { signal });
      return () => { stopped.abort(); };
    },
  };
}
