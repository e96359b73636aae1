import { isTerminal, type ErrorCode, type TerminalEvent } from "./audioProtocol";
import type { AudioTransport } from "./audioTransport";
import type { Environment } from "./environment";
import type { Exclusively } from "./exclusively";
import type { KeptTake, TakeStore } from "./keptTakes";

const FIRST_WAIT_MS = 5_000; // a server that was busy is often not so any more
const LONGEST_WAIT_MS = 300_000; // nobody waits for it: a request every five minutes disturbs nobody either

/** Errors that say of a take itself that nothing can ever be heard in it. With any other it is kept. */
const USELESS: ReadonlySet<ErrorCode> = new Set([
  "no_speech",
  "audio_too_short",
  "audio_too_long",
  "audio_too_large",
  "unsupported_audio",
  "invalid_base64",
  "invalid_sentence",
]);

/** Errors that the next take would meet as well: nobody takes any just now. */
const NOBODY_THERE: ReadonlySet<ErrorCode> = new Set([
  "connection_failed",
  "disconnected",
  "replaced",
  "unauthorized",
  "forbidden",
  "unknown_session",
  "sse_retired",
  "overloaded",
  "too_many_requests",
]);

/**
 * What became of an attempt. useless: the take says nothing to anybody, and goes. later: this one has to wait.
 * closed: they all have to.
 */
export type Outcome = "sent" | "useless" | "later" | "closed";

/** Pure. Somebody who cancelled a reading wants it no more. */
export function outcomeOf(event: TerminalEvent): Outcome {
  if (event.type === "complete") return "sent";
  if (event.type === "cancelled") return "useless";
  if (USELESS.has(event.data.code)) return "useless";
  return NOBODY_THERE.has(event.data.code) ? "closed" : "later";
}

/** Milliseconds until the next attempt, after so many rounds in which something was left; spread, so that not all come at once. Pure. */
export function waitAfter(rounds: number, retryAfterSeconds: number, random: number): number {
  const bound = Math.min(FIRST_WAIT_MS * 2 ** (rounds - 1), LONGEST_WAIT_MS);
  return Math.max((bound / 2) * (1 + random), 1000 * retryAfterSeconds);
}

/** As much of a transport as is needed. */
export type Post = Pick<AudioTransport, "onEvent" | "sendAudio">;
/** Time and chance. */
export type Clock = Pick<Environment, "after" | "random">;

export type SenderNews = {
  readonly onSent: () => void;
  /** Nothing can be heard in it; it is not kept any longer. */
  readonly onDropped: (take: KeptTake) => void;
  /** A round is over: what waits may have changed. */
  readonly onRound: () => void;
};

/** Under this name one tab sends what one user has kept. */
function turnOf(userId: number): string {
  return `sounditout.takes.${userId}`;
}

/**
 * Sends what was kept, the oldest first and one by one, as soon as there is a way, and again and again until all is sent.
 * Of several tabs one sends at a time; what it has sent the next does not find any more. Where a browser cannot see to that,
 * two may send the same take: under the same request id, which the server runs and saves once.
 */
export class TakeSender {
  readonly #post: Post;
  readonly #store: TakeStore;
  readonly #userId: number;
  readonly #clock: Clock;
  readonly #news: SenderNews;
  readonly #exclusively: Exclusively;
  #isConnected = false;
  #isRunning = false;
  #rounds = 0;
  #retryAfterSeconds = 0;
  #callOff: () => void = () => undefined;

  constructor(post: Post, store: TakeStore, userId: number, clock: Clock, news: SenderNews, exclusively: Exclusively) {
    this.#post = post;
    this.#store = store;
    this.#userId = userId;
    this.#clock = clock;
    this.#news = news;
    this.#exclusively = exclusively;
  }

  /** Whether there is a way to the server. One that has just come is tried at once. */
  connected(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    this.#callOff();
    this.#rounds = 0;
    if (isConnected) this.wake();
  }

  /** There is something new to send. */
  wake(): void {
    if (!this.#isConnected || this.#isRunning) return;
    this.#callOff();
    this.#isRunning = true;
    void this.#run();
  }

  /** Nothing more is begun. */
  stop(): void {
    this.connected(false);
  }

  async #run(): Promise<void> {
    this.#retryAfterSeconds = 0;
    const isAllSent = await this.#turn().catch(() => true); // a browser that keeps nothing has nothing to send
    this.#isRunning = false;
    this.#news.onRound();
    if (!this.#isConnected) return;
    this.#rounds = isAllSent ? 0 : this.#rounds + 1;
    if (isAllSent) return;
    const wait = waitAfter(this.#rounds, this.#retryAfterSeconds, this.#clock.random());
    this.#callOff = this.#clock.after(wait, () => { this.wake(); });
  }

  /** A round, when no other tab is in the middle of one. */
  async #turn(): Promise<boolean> {
    let isAllSent = true;
    await this.#exclusively(turnOf(this.#userId), async () => { isAllSent = await this.#round(); });
    return isAllSent;
  }

  /** Each take once, also those that are added meanwhile. → whether none is left */
  async #round(): Promise<boolean> {
    const tried = new Set<string>();
    for (;;) {
      const left = await this.#store.all(this.#userId);
      const next = left.find(({ requestId }) => !tried.has(requestId));
      if (next === undefined || !this.#isConnected) return left.length === 0;
      tried.add(next.requestId);
      if (!(await this.#isOpenAfter(next))) return false;
    }
  }

  /** Sends one. → whether the next one may follow */
  async #isOpenAfter(take: KeptTake): Promise<boolean> {
    const end = await this.#send(take);
    const outcome = outcomeOf(end);
    if (end.type === "error") this.#retryAfterSeconds = Math.max(this.#retryAfterSeconds, end.data.retry_after ?? 0);
    if (outcome === "sent" || outcome === "useless") await this.#store.remove(take.requestId);
    if (outcome === "sent") this.#news.onSent();
    if (outcome === "useless" && end.type === "error") this.#news.onDropped(take);
    return outcome !== "closed";
  }

  #send({ requestId, audio, sentence, heard }: KeptTake): Promise<TerminalEvent> {
    return new Promise((resolve) => {
      const stop = this.#post.onEvent((event) => {
        if (event.request_id !== requestId || !isTerminal(event)) return;
        stop();
        resolve(event);
      });
      this.#post.sendAudio(audio, sentence, heard?.phonemes, heard?.words, { requestId });
    });
  }
}
