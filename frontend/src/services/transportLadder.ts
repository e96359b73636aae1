import { CarriedTransport, SSETransport, WebSocketTransport, type TransportName, type TransportStatus } from "./audioTransport";
import type { Carrier, Link } from "./carrier";
import { standardEnvironment, type Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { LadderRules } from "./ladderRules";
import type { Show } from "./transportStatus";

/** Which way readings should go. */
export type Wish = {
  readonly transport: TransportName;
  /** The server has retired SSE. */
  readonly isOnlyWay?: boolean;
};

/**
 * Both transports and the choice between them: what a person prefers, and SSE while no WebSocket gets through. What is
 * under way finishes where it is, or goes on over SSE under the same request id; from a server that has retired SSE it
 * goes on over the WebSocket.
 */
export class TransportLadder extends CarriedTransport<LadderCarrier> {
  constructor(preferred: TransportName = "websocket", environment: Environment = standardEnvironment()) {
    const idle: TransportStatus = { state: "idle", reason: "not_connected", transport: preferred };
    super(environment, idle, (show) => new LadderCarrier(environment, preferred, show));
  }

  /** From the next reading on. */
  prefer(wish: Wish): void {
    this.carrier.prefer(wish);
  }
}

class LadderCarrier implements Carrier {
  private readonly show: Show;
  private readonly rules = new LadderRules();
  private readonly websocket: WebSocketTransport;
  private readonly sse: SSETransport;
  private preferred: TransportName;
  private link: Link | undefined;

  constructor(environment: Environment, preferred: TransportName, show: Show) {
    this.preferred = preferred;
    this.show = show;
    const fellBack = (requests: readonly HeldRequest[]) => {
      for (const request of requests) this.sse.carrier.carry(request);
      this.publish(); // the WebSocket itself may be as it was
    };
    this.websocket = new WebSocketTransport(environment, { rules: this.rules, fellBack });
    this.sse = new SSETransport(environment, (request) => {
      this.sseIsRetired(request);
    });
    this.websocket.onState(() => {
      this.rules.climb(this.sse.carrier.count);
      this.publish();
    });
    this.sse.onState(() => {
      this.publish();
    });
  }

  open(link: Link): void {
    this.link = undefined; // nothing is shown before both are open
    this.sse.carrier.open(link);
    if (this.wanted === "websocket") this.websocket.carrier.open(link);
    this.link = link;
    this.publish();
  }

  close(): void {
    this.link = undefined;
    this.websocket.carrier.close();
    this.sse.carrier.close();
  }

  carry(request: HeldRequest): void {
    if (this.way === "websocket") this.websocket.carrier.carry(request);
    else this.sse.carrier.carry(request);
  }

  release(request: HeldRequest): void {
    this.websocket.carrier.release(request);
    this.sse.carrier.release(request);
    this.rules.climb(this.sse.carrier.count);
    this.settle();
    this.publish();
  }

  cancel(request: HeldRequest): void {
    this.websocket.carrier.cancel(request);
    this.sse.carrier.cancel(request);
  }

  checkNow(): void {
    this.websocket.carrier.checkNow();
    this.sse.carrier.checkNow();
  }

  prefer({ transport, isOnlyWay = false }: Wish): void {
    if (transport === this.preferred && isOnlyWay === this.rules.isOnlyWay) return;
    this.preferred = transport;
    this.rules.setOnlyWay(isOnlyWay);
    this.go();
  }

  /** What could not be read to the end over SSE goes on over the WebSocket. */
  private sseIsRetired(request: HeldRequest): void {
    if (!this.rules.isOnlyWay) {
      this.rules.setOnlyWay(true);
      this.go();
    }
    this.websocket.carrier.carry(request);
  }

  private go(): void {
    if (this.wanted === "websocket") this.climb();
    this.settle();
    this.publish();
  }

  private climb(): void {
    this.rules.forgive();
    if (this.websocket.carrier.isOpen) this.websocket.carrier.checkNow();
    else if (this.link !== undefined) this.websocket.carrier.open(this.link);
  }

  /** A WebSocket that nobody wants any more is closed when it has nothing under way. */
  private settle(): void {
    const { carrier } = this.websocket;
    if (this.wanted === "sse" && carrier.isOpen && carrier.isQuiet) carrier.close();
  }

  private get wanted(): TransportName {
    return this.rules.isOnlyWay ? "websocket" : this.preferred;
  }

  /** The way of the next reading. */
  private get way(): TransportName {
    return this.wanted === "sse" ? "sse" : this.rules.way;
  }

  private publish(): void {
    if (this.link === undefined) return;
    const { status } = this.way === "websocket" ? this.websocket : this.sse;
    const hasFallen = this.way !== this.wanted && status.state === "ready";
    this.show(hasFallen ? { state: "fallback", reason: this.rules.reason, transport: "sse" } : status);
  }
}
