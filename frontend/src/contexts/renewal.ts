import { ApiError } from "../services/api/http";

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const AGAIN_MS = 60_000; // there are hours left; for a network that is back there is an event

/** Calls back at a time, in milliseconds since 1970, or at once when it has passed. → how to call it off */
export function atTime(time: number | undefined, run: () => void): () => void {
  if (time === undefined) return () => undefined;
  const timer = setTimeout(run, Math.min(Math.max(0, time - Date.now()), LONGEST_TIMER_MS));
  return () => { clearTimeout(timer); };
}

/**
 * Renews a token when it is time, and tries again as long as the server cannot be asked. → how to call it off
 *
 * @param refused the server knows this token no more.
 */
export function renewInTime(renewAt: number | undefined, renew: () => Promise<unknown>, refused: () => void): () => void {
  if (renewAt === undefined) return () => undefined;
  const stopped = new AbortController();
  const attempt = () => {
    if (Date.now() < renewAt) return;
    callOff();
    renew().catch((error: unknown) => {
      if (stopped.signal.aborted) return;
      if (error instanceof ApiError && !error.retryable) return refused();
      callOff = atTime(Date.now() + AGAIN_MS, attempt);
    });
  };
  let callOff = atTime(renewAt, attempt);
  globalThis.addEventListener("online", attempt, { signal: stopped.signal });
  return () => {
    stopped.abort();
    callOff();
  };
}
