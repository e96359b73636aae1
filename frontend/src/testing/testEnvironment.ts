import { WebSocket } from "ws";

import { wire, type Environment, type Socket } from "../services/environment";

/** A clock that goes only when it is told to. */
export class TestClock {
  now = 0;
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();

  /** Timers that have not run. */
  get pending(): number {
    return this.timers.size;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + ms, run };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** Let so much time pass; what falls due in it runs, in order. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
  }
}

/** Real sockets and real HTTP, with a clock and a chance that tests have in hand. */
export class TestEnvironment implements Environment {
  readonly clock = new TestClock();
  chance = 0.5;
  online = true;
  /** How many sockets were opened so far. */
  socketsOpened = 0;
  private readonly sockets = new Set<WebSocket>();
  private readonly silent = new Set<WebSocket>();
  private readonly requests = new Set<Promise<unknown>>();
  private ids = 0;

  /** Sockets and HTTP requests that have not ended. */
  get open(): number {
    return this.sockets.size + this.requests.size;
  }

  /** Whether an answer is to be expected from the network. */
  get isWaiting(): boolean {
    return this.silent.size + this.requests.size > 0;
  }

  readonly now = (): number => this.clock.now;
  readonly after = (ms: number, run: () => void): (() => void) => this.clock.after(ms, run);
  readonly random = (): number => this.chance;
  readonly newId = (): string => `request-${(this.ids += 1)}`;
  readonly isOnline = (): boolean => this.online;

  readonly openSocket: Environment["openSocket"] = (url, protocols, handlers): Socket => {
    const socket = new WebSocket(url, [...protocols]);
    this.socketsOpened += 1;
    this.sockets.add(socket);
    this.silent.add(socket);
    socket.on("message", () => this.silent.delete(socket));
    socket.on("close", () => {
      this.sockets.delete(socket);
      this.silent.delete(socket);
    });
    return wire(socket, handlers);
  };

  readonly fetch: typeof fetch = async (input, init) => {
    const response = fetch(input, init);
    this.requests.add(response);
    try {
      return await response;
    } finally {
      this.requests.delete(response);
    }
  };
}
