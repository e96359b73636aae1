import { useEffect, useState } from "react";

import { getHealth, type Health } from "../services/api";

const EVERY_MS = 10_000;

/** The server's health, asked for again and again while the page is looked at. Undefined before the first answer. */
export function useHealth(): Health | undefined {
  const [health, setHealth] = useState<Health>();

  useEffect(() => {
    const stopped = new AbortController();
    const ask = async () => {
      if (document.hidden) return;
      const answer = await getHealth(stopped.signal).catch(() => ({ ready: false, checks: [] }));
      if (!stopped.signal.aborted) setHealth(answer);
    };
    const again = () => void ask();
    again();
    const timer = setInterval(again, EVERY_MS);
    document.addEventListener("visibilitychange", again);
    return () => {
      stopped.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, []);

  return health;
}
