import type { TransportStatus } from "../services/audioTransport";

/** Nobody is there to send to, and nobody knows for how long. */
const AWAY: ReadonlySet<TransportStatus["reason"]> = new Set(["not_connected", "unreachable", "offline", "disconnected"]);

/** Whether a take goes off now, or is kept for later. What is mended in a moment, the transport mends itself. Pure. */
export function whereTo({ state, reason }: TransportStatus): "send" | "keep" {
  const waits = state === "reconnecting" || state === "idle" || state === "closed";
  return waits && AWAY.has(reason) ? "keep" : "send";
}
