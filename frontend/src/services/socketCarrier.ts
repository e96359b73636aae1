import { SOCKET_PATH } from "../config/connection";
import { isServerThere } from "./alive";
import type { AudioEvent, ServerMessage } from "./audioProtocol";
import type { Carrier, Link } from "./carrier";
import type { Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { Housekeeping } from "./housekeeping";
import { InFlight } from "./inFlight";
import type { LadderRules } from "./ladderRules";
import { closeCodeOf, isUnexplained, Reconnect, type Loss, type Retry, type Stop } from "./reconnect";
import { SocketConnection, type Greeting } from "./socketConnection";
import type { Show, StateReason, TransportState } from "./transportStatus";

/** Who decides about another way when no WebSocket gets through. */
export type WayOut = {
  readonly rules: LadderRules;
  /** Has what is in flight carried by somebody else. */
  readonly fellBack: (requests: readonly HeldRequest[]) => void;
};

/**
 * One WebSocket for all readings, opened anew whenever it is lost.
 *
 *     wake ─→ open ─→ greeted ─→ send, resume, pass events on ─→ lost ─→ Reconnect says: stop, or wait
 *               ↑                                                                              │
 *               └──────────────────────────────────────────────────────────────────────────────┘
 *
 * `life` is one stretch from `open` to `close`: what was begun in an earlier one does nothing any more.
 */
export class SocketCarrier implements Carrier {
  private readonly environment: Environment;
  private readonly show: Show;
  private readonly wayOut: WayOut | undefined;
  private readonly inFlight = new InFlight();
  private life: Life | undefined;

  constructor(environment: Environment, show: Show, wayOut?: WayOut) {
    this.environment = environment;
    this.show = show;
    this.wayOut = wayOut;
  }

  get isQuiet(): boolean {
    return this.inFlight.isEmpty;
  }

  get isOpen(): boolean {
    return this.life !== undefined;
  }

  open(link: Link): void {
    this.life?.end();
    this.life = new Life(this.environment, link, this.inFlight, this.show, this.wayOut);
    this.life.wake();
  }

  close(): void {
    this.life?.end();
    this.life = undefined;
    this.inFlight.clear();
  }

  carry(request: HeldRequest): void {
    this.inFlight.add(request);
    this.life?.wake();
  }

  release(request: HeldRequest): void {
    this.inFlight.remove(request);
    this.life?.tidy();
  }

  cancel(request: HeldRequest): void {
    this.inFlight.cancel(request);
  }

  checkNow(): void {
    this.life?.checkNow();
  }
}

class Life {
  private readonly environment: Environment;
  private readonly link: Link;
  private readonly inFlight: InFlight;
  private readonly showStatus: Show;
  private readonly wayOut: WayOut | undefined;
  private readonly reconnect: Reconnect;
  private readonly over = new AbortController();
  private isAwake = false;
  private connection: SocketConnection | undefined;
  private house: Housekeeping | undefined;
  private token = "";
  /** The wait for another attempt: how to end it, and what comes then. */
  private waiting: { readonly stop: () => void; readonly go: () => void; readonly isFirm: boolean } | undefined;

  constructor(environment: Environment, link: Link, inFlight: InFlight, show: Show, wayOut: WayOut | undefined) {
    this.environment = environment;
    this.link = link;
    this.inFlight = inFlight;
    this.showStatus = show;
    this.wayOut = wayOut;
    this.reconnect = new Reconnect(environment.random, wayOut?.rules);
  }

  /** See to it that there is a connection, or an attempt at one. */
  wake(): void {
    if (this.isAwake || this.over.signal.aborted) return;
    this.isAwake = true;
    this.show("connecting", "opening");
    this.wait(this.reconnect.firstMs, false, () => {
      this.connect();
    });
  }

  tidy(): void {
    this.house?.tidy();
  }

  /** Try at once, or ask whether the connection still lives. A wait that the server asked for is kept. */
  checkNow(): void {
    this.connection?.check();
    if (this.waiting === undefined || this.waiting.isFirm) return;
    const { stop, go } = this.waiting;
    stop();
    go();
  }

  end(): void {
    this.over.abort();
    this.waiting?.stop();
    this.house?.close();
    this.connection?.leave();
    this.inFlight.disconnected();
  }

  private wait(ms: number, isFirm: boolean, run: () => void): void {
    const go = () => {
      this.waiting = undefined;
      run();
    };
    if (ms === 0) go();
    else this.waiting = { stop: this.environment.after(ms, go), go, isFirm };
  }

  private connect(): void {
    this.token = this.link.credentials.token;
    try {
      this.connection = this.opened(this.token);
    } catch {
      this.lost({ kind: "handshake" }); // an address or a token that no WebSocket takes
    }
  }

  private opened(token: string): SocketConnection {
    const { baseUrl, clientId } = this.link;
    const query = clientId === undefined ? "" : `?client_id=${encodeURIComponent(clientId)}`;
    const url = `ws${baseUrl.slice("http".length)}${SOCKET_PATH}${query}`;
    return new SocketConnection(this.environment, url, token, {
      ready: (greeting) => {
        this.greeted(greeting);
      },
      event: (event) => {
        this.happened(event);
      },
      notice: (notice) => {
        this.noticed(notice);
      },
      lost: (loss) => {
        this.lost(loss);
      },
    });
  }

  private greeted({ held, limits }: Greeting): void {
    const { connection } = this;
    if (connection === undefined) return;
    this.house = new Housekeeping(this.environment, connection, this.inFlight, this.link.credentials, this.token);
    this.reconnect.ready();
    this.show("ready", "live");
    this.inFlight.connected(
      (message) => {
        connection.post(message);
      },
      held,
      limits.max_frame_bytes,
    );
  }

  private happened(event: AudioEvent): void {
    this.reconnect.heard();
    this.inFlight.happened(event);
    this.house?.tidy();
  }

  private noticed(notice: ServerMessage): void {
    const stops = this.house?.handle(notice) ?? false;
    if (!stops) this.reconnect.heard();
    this.house?.tidy();
  }

  private lost(loss: Loss): void {
    const atLeastMs = this.house?.staysForMs ?? 0;
    this.house?.close();
    this.house = undefined;
    this.connection = undefined;
    this.inFlight.disconnected();
    if (isUnexplained(loss)) void this.explain(loss);
    else this.decide(loss, atLeastMs);
  }

  /** A failed opening says nothing about WebSockets when nobody is there at all. */
  private async explain(loss: Loss): Promise<void> {
    const isThere = await isServerThere(this.environment, this.link.baseUrl, this.over.signal);
    if (!this.over.signal.aborted) this.decide(isThere ? loss : { kind: "unreachable" });
  }

  private decide(loss: Loss, atLeastMs = 0): void {
    this.step(this.reconnect.lost(loss, this.link.credentials.canRenew), closeCodeOf(loss), atLeastMs);
  }

  private step(step: Retry | Stop, closeCode: number | undefined, atLeastMs: number): void {
    if (step.kind === "stop") {
      this.isAwake = false;
      this.show("idle", step.reason, closeCode);
      this.inFlight.fail(step.error);
      return;
    }
    this.show("reconnecting", this.environment.isOnline() ? step.reason : "offline", closeCode);
    if (step.fallBack) this.wayOut?.fellBack(this.inFlight.handOver());
    const ms = Math.max(step.ms, atLeastMs);
    const isFirm = step.reason === "busy" || atLeastMs > 0;
    this.wait(ms, isFirm, () => {
      if (step.renew) void this.renew();
      else this.connect();
    });
  }

  private async renew(): Promise<void> {
    const renewal = await this.link.credentials.renew(this.token);
    if (this.over.signal.aborted) return;
    if (renewal === "renewed") {
      this.connect();
      return;
    }
    if (renewal === "unreachable") this.reconnect.notRenewed();
    this.decide(renewal === "unreachable" ? { kind: "closed", code: 4401 } : { kind: "signed_out" });
  }

  private show(state: TransportState, reason: StateReason, closeCode?: number): void {
    if (this.over.signal.aborted) return;
    this.showStatus({ state, reason, transport: "websocket", ...(closeCode !== undefined && { closeCode }) });
  }
}
