import { describe, expect, it } from "vitest";

import { ManualLocks } from "../testing/manualLocks";
import { TestClock } from "../testing/testEnvironment";
import { localError, type AudioEvent, type ErrorCode, type TerminalEvent } from "./audioProtocol";
import { exclusivelyBy } from "./exclusively";
import type { KeptTake, TakeStore } from "./keptTakes";
import { outcomeOf, TakeSender, waitAfter, type Post } from "./takeSender";

const take = (requestId: string, recordedAt: number): KeptTake => ({ requestId, userId: 1, sentence: "Hi.", audio: new Blob(), recordedAt });

function errorOf(requestId: string, code: ErrorCode, retryable = false, retryAfter: number | null = null): TerminalEvent {
  const event = localError(requestId, 0, "disconnected");
  return { ...event, data: { ...event.data, code, retryable, retry_after: retryAfter } };
}

const complete = (requestId: string): TerminalEvent => ({ type: "complete", request_id: requestId, seq: 9, data: { timings: {} } });

/** Takes, in memory. */
class Shelf implements TakeStore {
  takes: KeptTake[] = [];
  add = (one: KeptTake) => Promise.resolve(void this.takes.push(one));
  all = (userId: number) => Promise.resolve(this.takes.filter((one) => one.userId === userId));
  remove = (requestId: string) => Promise.resolve(void (this.takes = this.takes.filter((one) => one.requestId !== requestId)));
  forget = () => Promise.resolve();
  prune = () => Promise.resolve();
}

/** Answers each take as it is told to, when it is told to. */
class Letterbox implements Post {
  readonly posted: string[] = [];
  answer: (requestId: string) => TerminalEvent | null = complete;
  readonly #listeners = new Set<(event: AudioEvent) => void>();

  onEvent = (listener: (event: AudioEvent) => void) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  sendAudio: Post["sendAudio"] = (_audio, _sentence, _phonemes, _words, options) => {
    const requestId = options?.requestId ?? "";
    this.posted.push(requestId);
    const event = this.answer(requestId);
    if (event !== null) queueMicrotask(() => { this.tell(event); });
    return requestId;
  };

  tell(event: AudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function opened(...takes: readonly KeptTake[]) {
  const clock = new TestClock();
  const shelf = new Shelf();
  shelf.takes.push(...takes);
  const box = new Letterbox();
  const sent: string[] = [];
  const dropped: string[] = [];
  let rounds = 0;
  const sender = new TakeSender(box, shelf, 1, { after: clock.after.bind(clock), random: () => 1 }, {
    onSent: () => { sent.push(box.posted.at(-1) ?? ""); },
    onDropped: ({ requestId }) => { dropped.push(requestId); },
    onRound: () => { rounds += 1; },
  }, exclusivelyBy(undefined));
  const rest = async (wanted: number) => { await expect.poll(() => rounds).toBe(wanted); };
  return { clock, shelf, box, sent, dropped, sender, rest };
}

describe("what an error says of a take", () => {
  it.each<readonly [ErrorCode, string]>([
    ["no_speech", "useless"],
    ["audio_too_short", "useless"],
    ["audio_too_long", "useless"],
    ["audio_too_large", "useless"],
    ["unsupported_audio", "useless"],
    ["invalid_base64", "useless"],
    ["invalid_sentence", "useless"],
    ["unknown_session", "closed"],
    ["sse_retired", "closed"],
    ["unauthorized", "closed"],
    ["forbidden", "closed"],
    ["overloaded", "closed"],
    ["connection_failed", "closed"],
    ["unreadable_answer", "later"],
    ["invalid_message", "later"],
    ["internal", "later"],
  ])("%s: %s", (code, outcome) => {
    expect(outcomeOf(errorOf("a", code))).toBe(outcome);
  });
});

describe("the wait between two rounds", () => {
  it("doubles, up to five minutes, and is never shorter than the server asks", () => {
    expect([1, 2, 3, 7, 40].map((rounds) => waitAfter(rounds, 0, 1))).toEqual([5_000, 10_000, 20_000, 300_000, 300_000]);
    expect(waitAfter(1, 0, 0)).toBe(2_500);
    expect(waitAfter(1, 60, 1)).toBe(60_000);
  });
});

describe("kept takes", () => {
  it("are sent the oldest first, and are gone then", async () => {
    const { sender, shelf, sent, rest, clock } = opened(take("a", 1), take("b", 2));
    sender.connected(true);
    await rest(1);
    expect(sent).toEqual(["a", "b"]);
    expect(shelf.takes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("outlive a session that the server has forgotten, and a way that it has closed", async () => {
    const { sender, shelf, box, dropped, rest } = opened(take("a", 1), take("b", 2));
    box.answer = (id) => errorOf(id, "unknown_session");
    sender.connected(true);
    await rest(1);
    expect(box.posted).toEqual(["a"]); // the other would fare no better
    expect(shelf.takes).toHaveLength(2);
    expect(dropped).toEqual([]);
  });

  it("are tried again while the connection stays as it is", async () => {
    const { sender, shelf, box, sent, rest, clock } = opened(take("a", 1));
    box.answer = (id) => errorOf(id, "internal", true);
    sender.connected(true);
    await rest(1);
    clock.advance(4_999);
    expect(box.posted).toHaveLength(1);
    clock.advance(1);
    await rest(2);
    box.answer = complete;
    clock.advance(10_000);
    await rest(3);
    expect(sent).toEqual(["a"]);
    expect(shelf.takes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("wait as long as a busy server asks for", async () => {
    const { sender, box, rest, clock } = opened(take("a", 1));
    box.answer = (id) => errorOf(id, "overloaded", true, 45);
    sender.connected(true);
    await rest(1);
    clock.advance(44_999);
    expect(box.posted).toHaveLength(1);
    clock.advance(1);
    await rest(2);
    expect(box.posted).toHaveLength(2);
  });

  it("do not wait for one that the server cannot judge", async () => {
    const { sender, shelf, box, sent, rest } = opened(take("a", 1), take("b", 2));
    box.answer = (id) => (id === "a" ? errorOf(id, "analysis_failed", true) : complete(id));
    sender.connected(true);
    await rest(1);
    expect(sent).toEqual(["b"]);
    expect(shelf.takes.map(({ requestId }) => requestId)).toEqual(["a"]);
  });

  it("are dropped when nothing can be heard in them, and that is told", async () => {
    const { sender, shelf, box, dropped, rest, clock } = opened(take("a", 1), take("b", 2));
    box.answer = (id) => (id === "a" ? errorOf(id, "no_speech") : complete(id));
    sender.connected(true);
    await rest(1);
    expect(dropped).toEqual(["a"]);
    expect(shelf.takes).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("that are added while others are sent are sent in the same round", async () => {
    const { sender, shelf, box, sent, rest } = opened(take("a", 1));
    box.answer = () => null;
    sender.connected(true);
    await expect.poll(() => box.posted).toEqual(["a"]);
    await shelf.add(take("b", 2));
    sender.wake();
    box.answer = complete;
    box.tell(complete("a"));
    await rest(1);
    expect(sent).toEqual(["a", "b"]);
  });

  it("are not tried when there is no way, and at once when there is one again", async () => {
    const { sender, box, sent, rest, clock } = opened(take("a", 1));
    sender.wake();
    expect(box.posted).toEqual([]);
    box.answer = (id) => errorOf(id, "connection_failed", true);
    sender.connected(true);
    await rest(1);
    sender.connected(false);
    expect(clock.pending).toBe(0);
    box.answer = complete;
    sender.connected(true);
    await rest(2);
    expect(sent).toEqual(["a"]);
  });
});

/** Two tabs with one shelf, both of which find a way at the same moment. */
async function sentByTwo(locks: ManualLocks | undefined): Promise<readonly string[]> {
  const shelf = new Shelf();
  shelf.takes.push(take("a", 1), take("b", 2));
  const boxes = [new Letterbox(), new Letterbox()];
  let rounds = 0;
  for (const box of boxes) {
    const news = { onSent: () => undefined, onDropped: () => undefined, onRound: () => { rounds += 1; } };
    new TakeSender(box, shelf, 1, { after: () => () => undefined, random: () => 1 }, news, exclusivelyBy(locks)).connected(true);
  }
  await expect.poll(() => rounds).toBe(2);
  expect(shelf.takes).toEqual([]);
  return boxes.flatMap(({ posted }) => posted);
}

describe("kept takes of somebody with several tabs", () => {
  it("are sent by one of them", async () => {
    expect(await sentByTwo(new ManualLocks())).toEqual(["a", "b"]);
  });

  it("go under the same id where a browser has no locks, so that the server runs them once", async () => {
    expect(new Set(await sentByTwo(undefined))).toEqual(new Set(["a", "b"]));
  });
});
