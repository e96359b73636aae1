import type { Environment } from "../environment";
import { stageNumber, type Measurement, type Staged } from "./measurement";

/** What goes to the server at once. */
export type Batch = {
  /** The same when it is sent again, so that it counts once. */
  readonly batch_id: string;
  readonly stage: number;
  readonly measurements: readonly Measurement[];
};

/** refused: for good. later: it may be taken another time. */
export type Delivery = "taken" | "refused" | "later";
export type Deliver = (batch: Batch) => Promise<Delivery>;

/** As soon as that the rollout's guard, which looks every minute, knows of it; seldom enough to cost nothing. */
export const SEND_EVERY_MS = 10_000;
/** As many as a server takes. */
export const MAX_BATCH = 100;
/** A server that is away for five minutes loses nothing; the waits in between double. */
export const MAX_TRIES = 6;
/** Of a page: an hour's reading. The oldest give way. */
export const MAX_WAITING = 500;
export const MAX_BATCHES = 5;

type Outgoing = { readonly batch: Batch; tries: number; isUnderWay: boolean };

/** Measurements on their way to the server: gathered, sent in batches, and sent again now and then when that failed. */
export class Outbox {
  private readonly environment: Pick<Environment, "after" | "isOnline">;
  private readonly newBatchId: () => string;
  private readonly deliver: Deliver;
  private waiting: Staged[] = [];
  private outgoing: Outgoing[] = [];
  private stopTimer: (() => void) | undefined;

  constructor(environment: Pick<Environment, "after" | "isOnline">, newBatchId: () => string, deliver: Deliver) {
    this.environment = environment;
    this.newBatchId = newBatchId;
    this.deliver = deliver;
  }

  add(measurement: Measurement, stage: number): void {
    this.waiting.push({ measurement, stage: stageNumber(stage) });
    if (this.waiting.length > MAX_WAITING) this.waiting.shift();
    this.arm();
  }

  /** Do not wait: the page may be gone in a moment. */
  flush(): void {
    this.disarm();
    this.pack();
    if (this.environment.isOnline()) for (const one of this.outgoing) void this.send(one);
    this.arm();
  }

  /** Nothing is sent any more but what is under way. */
  stop(): void {
    this.disarm();
    this.waiting = [];
    this.outgoing = [];
  }

  private arm(): void {
    const unsent = this.outgoing.filter((one) => !one.isUnderWay);
    if (this.stopTimer !== undefined || this.waiting.length + unsent.length === 0) return;
    const tries = Math.max(0, ...unsent.map((one) => one.tries));
    this.stopTimer = this.environment.after(SEND_EVERY_MS * 2 ** tries, () => {
      this.flush();
    });
  }

  private disarm(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  /** What waits, as batches: each of one stage. */
  private pack(): void {
    for (const stage of new Set(this.waiting.map((one) => one.stage))) {
      const staged = this.waiting.filter((one) => one.stage === stage);
      for (let at = 0; at < staged.length; at += MAX_BATCH) {
        const measurements = staged.slice(at, at + MAX_BATCH).map((one) => one.measurement);
        const batch = { batch_id: this.newBatchId(), stage, measurements };
        this.outgoing.push({ batch, tries: 0, isUnderWay: false });
      }
    }
    this.waiting = [];
    this.outgoing = this.outgoing.slice(-MAX_BATCHES);
  }

  private async send(one: Outgoing): Promise<void> {
    if (one.isUnderWay) return;
    one.isUnderWay = true;
    const delivery = await this.deliver(one.batch);
    one.isUnderWay = false;
    one.tries += 1;
    if (delivery !== "later" || one.tries >= MAX_TRIES) this.outgoing = this.outgoing.filter((other) => other !== one);
    else this.disarm(); // what is new waits with it
    this.arm();
  }
}
