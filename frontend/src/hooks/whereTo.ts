import type { TransportStatus } from "../services/audioTransport";

/** This device has no way to anybody. */
const CUT_OFF: ReadonlySet<TransportStatus["reason"]> = new Set(["not_connected", "offline", "disconnected"]);

/** A server that starts anew is back sooner than that; for one that is gone, nobody should wait longer. */
export const PATIENCE_MS = 12_000;

/** Whether a take goes off now, or is kept for later. What is mended in a moment, the transport mends itself. Pure. */
export function whereTo(status: TransportStatus): "send" | "keep" {
  return isAway(status) && CUT_OFF.has(status.reason) ? "keep" : "send";
}

/** Whether nobody listens just now. Pure. */
export function isAway({ state }: TransportStatus): boolean {
  return state === "reconnecting" || state === "idle" || state === "closed";
}
