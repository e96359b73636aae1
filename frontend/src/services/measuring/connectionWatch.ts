import type { StateReason, TransportStatus } from "../transportStatus";
import { closeCode, milliseconds, sessionSeconds, type FallbackReason, type Measurement } from "./measurement";

/** Reasons for which losing a WebSocket says nothing of it. */
const NOT_BROKEN: ReadonlySet<StateReason> = new Set([
  "chosen",
  "signed_out",
  "replaced",
  "restarting",
  "offline",
  "disconnected",
  "too_large",
]);

const NORMAL_CODE = 1000;

/** One WebSocket from when it was ready until nobody wants it, over all its connections. */
type Session = { readonly since: number; readonly stage: number; broken: boolean; closedWith: number | undefined };

/** Its last connection is lost. */
type Lost = { readonly since: number; readonly closedWith: number | undefined };

export type ConnectionWatchOptions = {
  readonly now: () => number;
  readonly stage: () => number;
  readonly measured: (measurement: Measurement, stage: number) => void;
};

/**
 * What becomes of the WebSocket, by the states of a transport.
 *
 *     connecting ─→ ready ─→ not wanted: a session        ready ─→ lost ─→ ready: reconnected
 *         │           └────→ fallback: no session, and counted once until the WebSocket is back
 *         └─ connected ┘
 */
export class ConnectionWatch {
  private readonly options: ConnectionWatchOptions;
  private openingSince: number | undefined;
  private session: Session | undefined;
  private lost: Lost | undefined;
  private hasFallen = false;

  constructor(options: ConnectionWatchOptions) {
    this.options = options;
  }

  saw(status: TransportStatus): void {
    if (status.state === "fallback") this.fell(status.reason === "too_large" ? "fault" : status.reason);
    else if (status.transport === "websocket") this.sawWebSocket(status);
    else if (status.reason === "chosen") this.unwanted();
  }

  /** The page goes away, and the WebSocket with it. */
  left(): void {
    this.unwanted();
  }

  private sawWebSocket(status: TransportStatus): void {
    switch (status.state) {
      case "connecting":
        this.hasFallen = false;
        this.openingSince ??= this.options.now();
        return;
      case "ready":
        this.ready();
        return;
      case "reconnecting":
        this.lose(status);
        return;
      case "idle":
      case "closed":
        this.lose(status);
        this.unwanted(status.closeCode);
    }
  }

  private ready(): void {
    const { now, stage, measured } = this.options;
    if (this.lost !== undefined) {
      const { since, closedWith } = this.lost;
      measured({ kind: "reconnected", ...closeCode(closedWith), milliseconds: milliseconds(now() - since) }, stage());
    } else if (this.openingSince !== undefined) {
      measured({ kind: "connected", transport: "websocket", milliseconds: milliseconds(now() - this.openingSince) }, stage());
    }
    this.session ??= { since: now(), stage: stage(), broken: false, closedWith: undefined };
    this.forget();
  }

  private lose({ reason, closeCode: code }: TransportStatus): void {
    if (this.session === undefined) return;
    this.lost ??= { since: this.options.now(), closedWith: code };
    if (NOT_BROKEN.has(reason)) return;
    this.session.broken = true;
    this.session.closedWith ??= code;
  }

  private fell(reason: FallbackReason): void {
    if (!this.hasFallen) this.options.measured({ kind: "fallback", reason }, this.options.stage());
    this.session = undefined;
    this.forget();
    this.hasFallen = true;
  }

  private unwanted(code = NORMAL_CODE): void {
    const { session } = this;
    if (session !== undefined) {
      const { stage, since, broken, closedWith } = session;
      const seconds = sessionSeconds(this.options.now() - since);
      this.options.measured({ kind: "session", transport: "websocket", seconds, broken, ...closeCode(broken ? closedWith : code) }, stage);
    }
    this.session = undefined;
    this.forget();
  }

  private forget(): void {
    this.openingSince = undefined;
    this.lost = undefined;
    this.hasFallen = false;
  }
}
