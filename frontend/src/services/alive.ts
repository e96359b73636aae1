import { ALIVE_MS, ALIVE_PATH } from "../config/connection";
import type { Environment } from "./environment";

/** What a proxy answers when the server behind it is away. */
export const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * Whether the server is there at all. A browser does not say why a WebSocket could not be opened; a server that answers
 * over HTTP and opens none is another trouble than no server.
 */
export async function isServerThere(environment: Environment, baseUrl: string, signal: AbortSignal): Promise<boolean> {
  const limit = new AbortController();
  const abort = () => {
    limit.abort();
  };
  const stop = environment.after(ALIVE_MS, abort);
  signal.addEventListener("abort", abort);
  try {
    const response = await environment.fetch(`${baseUrl}${ALIVE_PATH}`, { signal: limit.signal, cache: "no-store" });
    await response.body?.cancel();
    return !GATEWAY_STATUSES.has(response.status);
  } catch {
    return false;
  } finally {
    stop();
    signal.removeEventListener("abort", abort);
  }
}
