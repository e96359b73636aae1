import { CANCEL_MS, OVERLOAD_RETRIES } from "../config/connection";
import { isTerminal, localError, type AudioEvent, type GivenUp } from "./audioProtocol";
import type { Carrier } from "./carrier";
import type { Environment } from "./environment";
import { HeldRequest } from "./heldRequest";
import type { ReadingFields, Recording } from "./recording";
import { Backoff } from "./reconnect";
import { Told } from "./told";

/** A request that is under way, and what is known of it on this side. */
type Entry = {
  readonly request: HeldRequest;
  readonly told: Told;
  readonly backoff: Backoff;
  readonly endsAt: number;
  overloadsLeft: number;
  /** Called when it ends. */
  readonly timers: Array<() => void>;
};

/**
 * All requests that are under way: each within a time limit, again when the server is too busy, and each with exactly
 * one terminal event, whatever its carrier does.
 */
export class RequestDesk {
  private readonly environment: Environment;
  private readonly carrier: Carrier;
  private readonly tell: (event: AudioEvent) => void;
  private readonly entries = new Map<string, Entry>();

  constructor(environment: Environment, carrier: Carrier, tell: (event: AudioEvent) => void) {
    this.environment = environment;
    this.carrier = carrier;
    this.tell = tell;
  }

  /** Have a recording carried as soon as it is ready; one that is under way already goes on. Nothing is told at once. */
  submit(fields: ReadingFields, recording: Recording, timeLimitMs: number): void {
    if (this.entries.has(fields.request_id)) return;
    const entry = this.entry(fields, recording, timeLimitMs);
    this.entries.set(entry.request.id, entry);
    this.later(entry, timeLimitMs, () => {
      this.giveUp(entry, "connection_failed");
    });
    void this.begin(entry);
  }

  /** Have the work on a request stopped. The server is asked, and not waited for long. */
  cancel(requestId: string): void {
    const entry = this.entries.get(requestId);
    if (entry === undefined || entry.request.unwanted) return;
    entry.request.unwanted = true;
    const isWorkedOn = entry.request.sent && !entry.request.ended;
    this.later(entry, isWorkedOn ? CANCEL_MS : 0, () => {
      this.end(entry, { type: "cancelled", request_id: requestId, seq: entry.told.nextSeq, data: { stage: "receiving" } });
    });
    this.carrier.cancel(entry.request);
  }

  /** End a request, or all of them, with an error of ours. */
  fail(code: GivenUp, requestId?: string): void {
    for (const entry of this.entries.values()) {
      if (requestId === undefined || entry.request.id === requestId) this.giveUp(entry, code);
    }
  }

  private async begin(entry: Entry): Promise<void> {
    try {
      await entry.request.recording.ready;
    } catch {
      this.giveUp(entry, "unsupported_audio");
    }
    if (this.isPresent(entry)) this.carrier.carry(entry.request);
  }

  private entry(fields: ReadingFields, recording: Recording, timeLimitMs: number): Entry {
    const entry: Entry = {
      request: new HeldRequest(fields, recording, {
        happened: (event) => {
          this.happened(entry, event);
        },
        failed: (code) => {
          this.giveUp(entry, code);
        },
      }),
      told: new Told(),
      backoff: new Backoff(this.environment.random),
      endsAt: this.environment.now() + timeLimitMs,
      overloadsLeft: OVERLOAD_RETRIES,
      timers: [],
    };
    return entry;
  }

  private happened(entry: Entry, event: AudioEvent): void {
    if (!this.isPresent(entry) || this.isAskedAgain(entry, event)) return;
    if (isTerminal(event)) {
      this.end(entry, event);
      return;
    }
    const news = entry.told.news(event);
    if (news !== undefined) this.tell(news);
  }

  /** Whether the server was too busy, and the request is sent again when it said. */
  private isAskedAgain(entry: Entry, event: AudioEvent): boolean {
    if (event.type !== "error" || event.data.code !== "overloaded" || !event.data.retryable) return false;
    if (entry.overloadsLeft === 0 || entry.request.unwanted) return false;
    const wait = 1000 * (event.data.retry_after ?? 0) + entry.backoff.next();
    if (this.environment.now() + wait >= entry.endsAt) return false;
    entry.overloadsLeft -= 1;
    this.carrier.release(entry.request);
    this.later(entry, wait, () => {
      if (entry.request.unwanted) return;
      entry.request.again();
      this.carrier.carry(entry.request);
    });
    return true;
  }

  private giveUp(entry: Entry, code: GivenUp): void {
    this.end(entry, localError(entry.request.id, entry.told.nextSeq, code));
  }

  /** The only place where a request ends. */
  private end(entry: Entry, terminal: AudioEvent): void {
    if (!this.isPresent(entry)) return;
    this.entries.delete(entry.request.id);
    for (const stop of entry.timers) stop();
    this.carrier.release(entry.request);
    const news = entry.told.news(terminal);
    if (news !== undefined) this.tell(news);
  }

  private isPresent(entry: Entry): boolean {
    return this.entries.get(entry.request.id) === entry;
  }

  private later(entry: Entry, ms: number, run: () => void): void {
    entry.timers.push(this.environment.after(ms, run));
  }
}
