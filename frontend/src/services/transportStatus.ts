export type TransportName = "websocket" | "sse";

export type TransportState = "idle" | "connecting" | "ready" | "reconnecting" | "fallback" | "closed";

/** Why a transport is in its state: a key for the words that a person is shown. */
export type StateReason =
  | "not_connected"
  | "opening"
  | "live"
  | "chosen"
  | "blocked"
  | "lost"
  | "unreachable"
  | "offline"
  | "restarting"
  | "busy"
  | "signed_out"
  | "replaced"
  | "too_large"
  | "fault"
  | "disconnected";

export type TransportStatus = {
  readonly state: TransportState;
  readonly reason: StateReason;
  /** That the next reading goes over. */
  readonly transport: TransportName;
  /** What the connection that was lost last was closed with; absent when nobody said. */
  readonly closeCode?: number;
};

export type Show = (status: TransportStatus) => void;

export function isSameStatus(one: TransportStatus, other: TransportStatus): boolean {
  return one.state === other.state && one.reason === other.reason && one.transport === other.transport;
}
