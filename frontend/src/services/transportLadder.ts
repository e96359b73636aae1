import { CarriedTransport, type TransportName, type TransportStatus } from "./audioTransport";
import type { Carrier, Link } from "./carrier";
import { standardEnvironment, type Environment } from "./environment";
import type { HeldRequest } from "./heldRequest";
import { LadderRules } from "./ladderRules";
import { SocketCarrier } from "./socketCarrier";
import { SseCarrier } from "./sseCarrier";
import type { Show } from "./transportStatus";

/**
 * Both transports and the choice between them: what a person prefers, and SSE while no WebSocket gets through. What is
 * under way finishes where it is, or goes on over SSE under the same request id.
 */
export class TransportLadder extends CarriedTransport<LadderCarrier> {
  constructor(preferred: TransportName = "websocket", environment: Environment = standardEnvironment()) {
    const idle: TransportStatus = { state: "idle", reason: "not_connected", transport: preferred };
    super(environment, idle, (show) => new LadderCarrier(environment, preferred, show));
  }

  get preferred(): TransportName {
    return this.carrier.preferred;
  }

  /** From the next reading on. */
  setPreferred(name: TransportName): void {
    this.carrier.prefer(name);
  }
}

class LadderCarrier implements Carrier {
  preferred: TransportName;
  private readonly show: Show;
  private readonly rules = new LadderRules();
  private readonly websocket: SocketCarrier;
  private readonly sse: SseCarrier;
  private websocketStatus: TransportStatus = { state: "idle", reason: "not_connected", transport: "websocket" };
  private sseStatus: TransportStatus = { state: "idle", reason: "not_connected", transport: "sse" };
  private link: Link | undefined;

  constructor(environment: Environment, preferred: TransportName, show: Show) {
    this.preferred = preferred;
    this.show = show;
    const fellBack = (requests: readonly HeldRequest[]) => {
      for (const request of requests) this.sse.carry(request);
    };
    const showWebsocket: Show = (status) => {
      this.websocketStatus = status;
      this.publish();
    };
    const showSse: Show = (status) => {
      this.sseStatus = status;
      this.publish();
    };
    this.websocket = new SocketCarrier(environment, showWebsocket, { rules: this.rules, fellBack });
    this.sse = new SseCarrier(environment, showSse);
  }

  open(link: Link): void {
    this.link = undefined; // nothing is shown before both are open
    this.sse.open(link);
    if (this.preferred === "websocket") this.websocket.open(link);
    this.link = link;
    this.publish();
  }

  close(): void {
    this.link = undefined;
    this.websocket.close();
    this.sse.close();
  }

  carry(request: HeldRequest): void {
    if (this.way() === "websocket") this.websocket.carry(request);
    else this.sse.carry(request);
  }

  release(request: HeldRequest): void {
    this.websocket.release(request);
    this.sse.release(request);
    this.settle();
    this.publish();
  }

  cancel(request: HeldRequest): void {
    this.websocket.cancel(request);
    this.sse.cancel(request);
  }

  checkNow(): void {
    this.websocket.checkNow();
    this.sse.checkNow();
  }

  prefer(name: TransportName): void {
    if (name === this.preferred) return;
    this.preferred = name;
    if (name === "websocket") this.climb();
    this.settle();
    this.publish();
  }

  private climb(): void {
    this.rules.forgive();
    if (this.websocket.isOpen) this.websocket.checkNow();
    else if (this.link !== undefined) this.websocket.open(this.link);
  }

  /** A WebSocket that nobody wants any more is closed when it has nothing under way. */
  private settle(): void {
    if (this.preferred === "sse" && this.websocket.isOpen && this.websocket.isQuiet) this.websocket.close();
  }

  /** The way of the next reading. This is also where the ladder is climbed again. */
  private way(): TransportName {
    return this.preferred === "sse" ? "sse" : this.rules.choose(this.sse.count);
  }

  private publish(): void {
    if (this.link === undefined) return;
    const isBlocked = this.preferred === "websocket" && this.way() === "sse";
    if (!isBlocked) this.show(this.preferred === "websocket" ? this.websocketStatus : this.sseStatus);
    else if (this.sseStatus.state !== "ready") this.show(this.sseStatus);
    else this.show({ state: "fallback", reason: "blocked", transport: "sse" });
  }
}
