import { number, record, text } from "../services/api/decode";
import { dayOf } from "../services/days";

const STORED = "practice";

type Memory = {
  readonly remembered: (name: string) => string | null;
  readonly remember: (name: string, value: string | null) => void;
};

/** The practice session that readings of one user belong to: one a day, also when the page is loaded again. */
export class PracticeSession {
  readonly #userId: number;
  readonly #start: () => Promise<number>;
  readonly #memory: Memory;
  readonly #now: () => Date;
  #current: { readonly day: string; readonly id: Promise<number> } | null = null;

  constructor(userId: number, start: () => Promise<number>, memory: Memory, now: () => Date) {
    this.#userId = userId;
    this.#start = start;
    this.#memory = memory;
    this.#now = now;
  }

  /** Asked for many times at once, one session is begun. After a failure the next call tries again. */
  id(): Promise<number> {
    const day = dayOf(this.#now());
    if (this.#current?.day !== day) this.#current = { day, id: this.#begin(day) };
    return this.#current.id;
  }

  forget(): void {
    this.#current = null;
    this.#memory.remember(STORED, null);
  }

  async #begin(day: string): Promise<number> {
    const saved = record(parse(this.#memory.remembered(STORED)));
    if (saved["user"] === this.#userId && text(saved["day"]) === day) return number(saved["id"]);
    try {
      const id = await this.#start();
      this.#memory.remember(STORED, JSON.stringify({ user: this.#userId, day, id }));
      return id;
    } catch (error) {
      this.#current = null;
      throw error;
    }
  }
}

function parse(saved: string | null): unknown {
  try {
    return JSON.parse(saved ?? "");
  } catch {
    return undefined;
  }
}
