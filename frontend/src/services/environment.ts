/** What happens on one socket. Nothing is called after `closed`. */
export type SocketHandlers = {
  readonly opened: () => void;
  /** A frame; anything but text is none of this protocol's. */
  readonly received: (data: unknown) => void;
  /** It ended, or could not be opened; 1006 without a code. */
  readonly closed: (code: number) => void;
};

/** As much of a WebSocket as is needed. */
export type Socket = {
  readonly send: (text: string) => void;
  readonly close: () => void;
  /** Bytes that wait to be sent. */
  readonly waiting: () => number;
};

/** Everything from outside: time, chance and the network. Tests hand in their own. */
export type Environment = {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Runs something later; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly newId: () => string;
  readonly openSocket: (url: string, protocols: readonly string[], handlers: SocketHandlers) => Socket;
  readonly fetch: typeof fetch;
  /** False when this device knows that it has no network. */
  readonly isOnline: () => boolean;
};

/** The browser's, or Node's. */
export function standardEnvironment(): Environment {
  return {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => {
        clearTimeout(timer);
      };
    },
    random: Math.random,
    newId,
    openSocket: (url, protocols, handlers) => wire(new WebSocket(url, [...protocols]), handlers),
    fetch: (input, init) => fetch(input, init),
    isOnline: () => (globalThis.navigator as Navigator | undefined)?.onLine !== false, // Node 20 has no navigator
  };
}

/** `crypto.randomUUID` is there on secure pages only, and a school's server may be reached over plain HTTP. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Listenable = {
  send: (text: string) => void;
  close: () => void;
  readonly bufferedAmount: number;
  addEventListener: {
    (type: "open" | "error", listener: () => void): void;
    (type: "message", listener: (event: { readonly data: unknown }) => void): void;
    (type: "close", listener: (event: { readonly code: number }) => void): void;
  };
};

/** Any class of WebSockets, as ours. */
export function wire(socket: Listenable, handlers: SocketHandlers): Socket {
  socket.addEventListener("open", handlers.opened);
  socket.addEventListener("message", ({ data }) => {
    handlers.received(data);
  });
  socket.addEventListener("error", () => undefined); // a close follows
  socket.addEventListener("close", ({ code }) => {
    handlers.closed(code);
  });
  return {
    send: (text) => {
      socket.send(text);
    },
    close: () => {
      socket.close();
    },
    waiting: () => socket.bufferedAmount,
  };
}
