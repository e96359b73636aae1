import { isTerminal, type AudioEvent, type ErrorCode, type TerminalEvent } from "./audioProtocol";
import type { AudioTransport } from "./audioTransport";
import type { Environment } from "./environment";
import { outcomeOf } from "./takeSender";

/** A reading that has been handed in. */
export type UnderWay = {
  /** Whether its page is there, shows it, and tells what becomes of it. */
  readonly isShown: () => boolean;
  /** It is put aside, to be sent later under the same id. */
  readonly keep: () => void;
};

/** Ends of which the server may know nothing. */
const UNHEARD_OF: ReadonlySet<ErrorCode> = new Set(["connection_failed", "unauthorized"]);

const LOOK_MS = 12_000; // a server that starts anew is back sooner than that

/**
 * Whether a reading that ended so is put aside. Of one on the screen the page tells, and its reader decides what to do,
 * unless the server may know nothing of it. One that nobody sees any more is put aside whenever it may be heard later. Pure.
 */
export function isToBeKept(end: TerminalEvent, isShown: boolean): boolean {
  if (end.type !== "error") return false;
  if (isShown) return UNHEARD_OF.has(end.data.code);
  if (end.data.code === "disconnected") return false; // whoever read it has left
  const outcome = outcomeOf(end);
  return outcome === "later" || outcome === "closed";
}

/**
 * Whether its reader sees that it failed, and may have it sent again, under the same id. Who leaves it there has it put
 * aside. Pure.
 */
export function isLeftToItsReader(end: TerminalEvent, isShown: boolean): boolean {
  return end.type === "error" && end.data.retryable && isShown && !isToBeKept(end, true) && isToBeKept(end, false);
}

type Entry = UnderWay & { callOff: () => void };

/** Follows readings on their way, whatever page is open, so that none is lost that does not get there. */
export class Undelivered {
  readonly #transport: Pick<AudioTransport, "onEvent">;
  readonly #clock: Pick<Environment, "after">;
  readonly #entries = new Map<string, Entry>();

  constructor(transport: Pick<AudioTransport, "onEvent">, clock: Pick<Environment, "after">) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** → how to stop */
  start(): () => void {
    const stop = this.#transport.onEvent((event) => { this.#told(event); });
    return () => {
      stop();
      this.forget();
    };
  }

  follow(requestId: string, reading: UnderWay): void {
    this.#leave(requestId);
    const entry = { ...reading, callOff: () => undefined };
    this.#entries.set(requestId, entry);
    this.#lookLater(requestId, entry);
  }

  /** Nobody wants any of them any more. */
  forget(): void {
    for (const requestId of this.#entries.keys()) this.#leave(requestId);
  }

  #told(event: AudioEvent): void {
    const entry = this.#entries.get(event.request_id);
    if (entry === undefined) return;
    if (event.type === "analysis") entry.callOff(); // the server has saved it
    if (!isTerminal(event) || isLeftToItsReader(event, entry.isShown())) return;
    this.#leave(event.request_id);
    if (isToBeKept(event, entry.isShown())) entry.keep();
  }

  /** One that nobody sees, and of which nothing is heard for long, is put aside before its page is closed. */
  #lookLater(requestId: string, entry: Entry): void {
    entry.callOff = this.#clock.after(LOOK_MS, () => {
      if (entry.isShown()) return this.#lookLater(requestId, entry);
      this.#leave(requestId);
      entry.keep();
    });
  }

  #leave(requestId: string): void {
    this.#entries.get(requestId)?.callOff();
    this.#entries.delete(requestId);
  }
}
