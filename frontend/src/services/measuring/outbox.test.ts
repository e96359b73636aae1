import { beforeEach, describe, expect, it } from "vitest";

import { TestClock } from "../../testing/testEnvironment";
import type { Measurement } from "./measurement";
import { MAX_BATCH, MAX_TRIES, MAX_WAITING, Outbox, SEND_EVERY_MS, type Batch, type Delivery } from "./outbox";

const ONE: Measurement = { kind: "fallback", reason: "blocked" };

describe("Outbox", () => {
  let clock: TestClock;
  let online: boolean;
  let sent: Batch[];
  let answers: Delivery[];
  let outbox: Outbox;

  const add = (count: number, stage = 3) => {
    for (let done = 0; done < count; done += 1) outbox.add(ONE, stage);
  };
  /** Let so much time pass, and what was sent be answered. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await Promise.resolve();
    await Promise.resolve();
  };

  beforeEach(() => {
    clock = new TestClock();
    online = true;
    sent = [];
    answers = [];
    let ids = 0;
    const environment = { after: (ms: number, run: () => void) => clock.after(ms, run), isOnline: () => online };
    outbox = new Outbox(environment, () => `batch-${(ids += 1)}`, (batch) => {
      sent.push(batch);
      return Promise.resolve(answers.shift() ?? "taken");
    });
  });

  it("sends what there is after ten seconds, and nothing where there is nothing", async () => {
    add(2);
    await pass(SEND_EVERY_MS - 1);
    expect(sent).toEqual([]);
    await pass(1);
    expect(sent).toEqual([{ batch_id: "batch-1", stage: 3, measurements: [ONE, ONE] }]);
    await pass(10 * SEND_EVERY_MS);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("keeps stages apart, and batches as small as servers take them", async () => {
    add(MAX_BATCH + 1, 3);
    add(1, 4);
    await pass(SEND_EVERY_MS);
    expect(sent.map(({ stage, measurements }) => [stage, measurements.length])).toEqual([[3, MAX_BATCH], [3, 1], [4, 1]]);
    expect(new Set(sent.map(({ batch_id: id }) => id)).size).toBe(3);
  });

  it("sends a batch that failed again, the same under the same id, later and later, and not for ever", async () => {
    answers = Array.from({ length: MAX_TRIES }, () => "later");
    add(1);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) await pass(SEND_EVERY_MS * 2 ** tries);
    expect(sent).toHaveLength(MAX_TRIES);
    expect(new Set(sent).size).toBe(1);
    await pass(1_000_000);
    expect(sent).toHaveLength(MAX_TRIES);
    expect(clock.pending).toBe(0);
  });

  it("goes on with the others when one is refused for good", async () => {
    answers = ["refused"];
    add(1);
    await pass(SEND_EVERY_MS);
    add(1);
    await pass(SEND_EVERY_MS);
    expect(sent.map(({ batch_id: id }) => id)).toEqual(["batch-1", "batch-2"]);
  });

  it("does not try without a network", async () => {
    online = false;
    add(1);
    await pass(100 * SEND_EVERY_MS);
    expect(sent).toEqual([]);
    online = true;
    await pass(SEND_EVERY_MS);
    expect(sent).toHaveLength(1);
  });

  it("sends at once when the page goes away, and nothing twice", async () => {
    add(1);
    outbox.flush();
    outbox.flush();
    expect(sent).toHaveLength(1);
    await pass(SEND_EVERY_MS);
    expect(sent).toHaveLength(1);
  });

  it("holds only so much, and lets the oldest go", async () => {
    online = false;
    add(MAX_WAITING + 1, 1);
    add(MAX_WAITING - 1, 2);
    online = true;
    outbox.flush();
    const count = sent.reduce((sum, { measurements }) => sum + measurements.length, 0);
    expect(count).toBeLessThanOrEqual(MAX_WAITING);
    expect(sent.at(-1)?.stage).toBe(2);
    await pass(SEND_EVERY_MS);
  });

  it("sends nothing after it was stopped", async () => {
    answers = ["later"];
    add(1);
    outbox.flush();
    outbox.stop();
    await pass(1_000_000);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
