import { MAX_HANDSHAKES } from "../config/connection";
import type { Loss } from "./reconnect";
import type { TransportName } from "./transportStatus";

/** Close codes that SSE would not help against. */
const NOT_ABOUT_WEBSOCKETS: ReadonlySet<unknown> = new Set([1009, 4401, 4409, 4429]);

/**
 * Which transport is in force when both may be used: the WebSocket as long as it works, SSE when it does not. Pure.
 *
 *     WebSocket ──3 failed handshakes in a row, or no `ready`──→ SSE
 *         ↑                                                        │ every 60 s: try the WebSocket beside it
 *         └──────it works, and nothing is in flight over SSE───────┘
 */
export class LadderRules {
  way: TransportName = "websocket";
  private failures = 0;
  private works = false;

  /** A WebSocket was opened and greeted. */
  ready(): void {
    this.failures = 0;
    this.works = true;
  }

  /** A WebSocket could not be opened, or one that was open was lost. */
  failed(loss: Loss): void {
    this.works = false;
    if (loss.kind === "not_ready") this.way = "sse";
    if (loss.kind !== "handshake" || NOT_ABOUT_WEBSOCKETS.has(loss.code)) return;
    this.failures += 1;
    if (this.failures >= MAX_HANDSHAKES) this.way = "sse";
  }

  /** The way of the next reading, when so many are under way over SSE. */
  choose(overSse: number): TransportName {
    if (this.works && overSse === 0) this.way = "websocket";
    return this.way;
  }

  /** Somebody wants the WebSocket: it gets another chance. */
  forgive(): void {
    this.failures = 0;
    this.way = "websocket";
  }
}
