import { HEARTBEAT_MS, PROMPT_MS, READY_MS, SILENT_HEARTBEATS, SUBPROTOCOL } from "../config/connection";
import { parseMessage, type AudioEvent, type Limits, type ServerMessage } from "./audioProtocol";
import type { Environment, Socket } from "./environment";
import type { ClientMessage } from "./protocol.generated";
import type { Loss } from "./reconnect";

/** What `ready` said. */
export type Greeting = { readonly heartbeatMs: number; readonly held: ReadonlySet<string>; readonly limits: Limits };

export type ConnectionHandlers = {
  readonly ready: (greeting: Greeting) => void;
  readonly event: (event: AudioEvent) => void;
  readonly notice: (notice: ServerMessage) => void;
  /** At most once, and nothing after it. */
  readonly lost: (loss: Loss) => void;
};

/**
 * One WebSocket from its opening to its end: greeted in time, pinged, and watched for signs of life. What happens next is
 * not decided here. After `lost` or `leave` no handler is called, whatever the socket still does.
 */
export class SocketConnection {
  private readonly environment: Environment;
  private readonly handlers: ConnectionHandlers;
  private readonly socket: Socket;
  private readonly timers = new Map<string, () => void>();
  private phase: "opening" | "opened" | "greeted" | "over" = "opening";
  private heardAt: number;
  private heartbeatMs = HEARTBEAT_MS;
  private unsent = Infinity;

  /** Raises what the WebSocket class raises for an address that it does not take. */
  constructor(environment: Environment, url: string, token: string, handlers: ConnectionHandlers) {
    this.environment = environment;
    this.handlers = handlers;
    this.heardAt = environment.now();
    this.socket = environment.openSocket(url, [SUBPROTOCOL, `bearer.${token}`], {
      opened: () => {
        if (this.phase === "opening") this.phase = "opened";
      },
      received: (data) => {
        this.received(data);
      },
      closed: (code) => {
        this.end(this.phase === "greeted" ? { kind: "closed", code } : { kind: "handshake", code });
      },
    });
    this.later("greeting", READY_MS, () => {
      this.end({ kind: "not_ready" });
    });
  }

  /** Send it after those before it. Bounded by the recordings of the caller, who keeps them anyway. */
  post(message: ClientMessage): void {
    if (this.phase === "greeted") this.socket.send(JSON.stringify(message));
  }

  /** Close it. Nobody is told. */
  leave(): void {
    this.over();
  }

  /** Close it, and say that it was left for another one. */
  move(): void {
    this.end({ kind: "moved" });
  }

  /** Whether it still lives, by an answer that has to come promptly. */
  check(): void {
    if (this.phase !== "greeted") return;
    const askedAt = this.environment.now();
    this.post({ type: "ping" });
    this.unsent = Infinity;
    this.later("check", PROMPT_MS, () => {
      if (this.heardAt < askedAt && !this.isTaking()) this.end({ kind: "silent" });
    });
  }

  private received(data: unknown): void {
    if (this.phase === "over") return;
    this.heardAt = this.environment.now();
    const incoming = parseMessage(data);
    if (this.phase !== "greeted") this.greet(incoming.kind === "notice" ? incoming.notice : undefined);
    else if (incoming.kind === "event") this.handlers.event(incoming.event);
    else if (incoming.kind === "notice") this.handlers.notice(incoming.notice);
  }

  private greet(notice: ServerMessage | undefined): void {
    if (notice?.type !== "ready") {
      this.end({ kind: "not_ready" });
      return;
    }
    const { heartbeat_seconds: seconds, held, limits } = notice.data;
    this.phase = "greeted";
    this.heartbeatMs = seconds >= 1 ? 1000 * seconds : HEARTBEAT_MS;
    this.timers.get("greeting")?.();
    this.ping();
    this.watch(SILENT_HEARTBEATS * this.heartbeatMs);
    this.handlers.ready({ heartbeatMs: this.heartbeatMs, held: new Set(held), limits });
  }

  private ping(): void {
    this.later("ping", this.heartbeatMs, () => {
      this.post({ type: "ping" });
      this.ping();
    });
  }

  /** The only judge of silence: any frame counts as life. */
  private watch(ms: number): void {
    this.later("watch", ms, () => {
      if (this.isTaking()) this.heardAt = this.environment.now();
      const left = this.heardAt + SILENT_HEARTBEATS * this.heartbeatMs - this.environment.now();
      if (left > 0) this.watch(left);
      else this.end({ kind: "silent" });
    });
  }

  /** Whether what waits gets less: over a narrow network the answer to a ping has to wait for the end of a recording. */
  private isTaking(): boolean {
    const before = this.unsent;
    this.unsent = this.socket.waiting();
    return this.unsent > 0 && this.unsent < before;
  }

  private end(loss: Loss): void {
    if (this.phase === "over") return;
    this.over();
    this.handlers.lost(loss);
  }

  private over(): void {
    this.phase = "over";
    for (const stop of this.timers.values()) stop();
    this.timers.clear();
    this.socket.close();
  }

  private later(name: string, ms: number, run: () => void): void {
    this.timers.get(name)?.();
    this.timers.set(name, this.environment.after(ms, run));
  }
}
