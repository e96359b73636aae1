import type { Environment } from "../environment";
import type { Batch, Deliver, Delivery } from "./outbox";

export const MEASUREMENTS_PATH = "/api/measurements";
/** The answer is empty and comes at once, or not at all. */
export const ANSWER_MS = 20_000;

/** Statuses after which the same batch may be taken another time: no token yet, too many, or a server in trouble. */
const LATER: ReadonlySet<number> = new Set([401, 408, 425, 429]);
const SERVER_FAULTS = 500;

/** Sends batches so that they arrive also when the page has gone; a beacon could not carry the token. */
export function deliveryTo(
  baseUrl: string,
  token: () => string,
  environment: Pick<Environment, "fetch" | "after">,
): Deliver {
  return async (batch) => {
    const limit = new AbortController();
    const stop = environment.after(ANSWER_MS, () => {
      limit.abort();
    });
    try {
      const response = await environment.fetch(`${baseUrl}${MEASUREMENTS_PATH}`, {
        ...request(batch, token()),
        signal: limit.signal,
      });
      await response.body?.cancel();
      return deliveryOf(response.status);
    } catch {
      return "later"; // nobody answered
    } finally {
      stop();
    }
  };
}

function request(batch: Batch, token: string): RequestInit {
  const headers = new Headers({ Authorization: `Bearer ${token}`, "Content-Type": "application/json" });
  return { method: "POST", headers, body: JSON.stringify(batch), keepalive: true };
}

function deliveryOf(status: number): Delivery {
  if (status < 400) return "taken";
  return LATER.has(status) || status >= SERVER_FAULTS ? "later" : "refused";
}
