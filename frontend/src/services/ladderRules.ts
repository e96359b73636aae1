import { MAX_HANDSHAKES } from "../config/connection";
import type { Loss } from "./reconnect";
import type { StateReason, TransportName } from "./transportStatus";

/** Close codes that SSE would not help against. */
const NOT_ABOUT_WEBSOCKETS: ReadonlySet<unknown> = new Set([1009, 4401, 4409, 4429]);

/**
 * Which transport is in force when both may be used: the WebSocket as long as it works, SSE when it does not. Pure.
 *
 *     WebSocket ──3 failed handshakes in a row, or no `ready`──→ SSE
 *         ↑                                                        │ every 60 s, or sooner where it has worked before:
 *         │                                                        │ try the WebSocket beside it
 *         └──────it works, and nothing is in flight over SSE───────┘
 *
 * From a server that has retired SSE there is nowhere to fall.
 */
export class LadderRules {
  /** Of the next reading. */
  way: TransportName = "websocket";
  /** Why it went over to SSE. */
  reason: StateReason = "blocked";
  private failures = 0;
  private sseIsThere = true;
  private works = false;

  /** A WebSocket was opened and greeted. */
  ready(): void {
    this.failures = 0;
    this.works = true;
  }

  /** Whether the WebSocket is all there is. */
  get isOnlyWay(): boolean {
    return !this.sseIsThere;
  }

  /** A WebSocket could not be opened, or one that was open was lost; for this reason, if it is left for it. */
  failed(loss: Loss, reason: StateReason = "blocked"): void {
    this.works = false;
    if (loss.kind === "not_ready") this.fall(reason);
    if (loss.kind !== "handshake" || NOT_ABOUT_WEBSOCKETS.has(loss.code)) return;
    this.failures += 1;
    if (this.failures >= MAX_HANDSHAKES) this.fall(reason);
  }

  /** Go back to a WebSocket that works, when so many readings are under way over SSE. */
  climb(overSse: number): void {
    if (this.works && overSse === 0) this.way = "websocket";
  }

  /** Somebody wants the WebSocket: it gets another chance. */
  forgive(): void {
    this.failures = 0;
    this.way = "websocket";
  }

  /** The server has retired SSE, or has it again. */
  setOnlyWay(isOnlyWay: boolean): void {
    this.sseIsThere = !isOnlyWay;
    if (isOnlyWay) this.forgive();
  }

  private fall(reason: StateReason): void {
    if (this.way === "sse" || !this.sseIsThere) return;
    this.way = "sse";
    this.reason = reason;
  }
}
