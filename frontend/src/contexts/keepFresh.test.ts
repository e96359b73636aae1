import { beforeEach, describe, expect, it } from "vitest";

import { TestClock } from "../testing/testEnvironment";
import { ASK_EVERY_MS, keepFresh, LONGEST_PAUSE_MS, type Page } from "./keepFresh";

describe("keepFresh", () => {
  let clock: TestClock;
  let visible: boolean;
  let back: () => void;
  let listeners: number;
  let asked: AbortSignal[];
  let answer: () => Promise<void>;
  let stop: () => void;

  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
  };
  const start = async () => {
    const page: Page = {
      after: (ms, run) => clock.after(ms, run),
      isVisible: () => visible,
      onReturn: (run) => {
        back = run;
        listeners += 1;
        return () => { listeners -= 1; };
      },
    };
    stop = keepFresh((signal) => {
      asked.push(signal);
      return answer();
    }, page);
    await pass(0);
  };

  beforeEach(() => {
    clock = new TestClock();
    visible = true;
    listeners = 0;
    asked = [];
    answer = () => Promise.resolve();
  });

  it("asks at once, and again every few seconds, until it is stopped", async () => {
    await start();
    expect(asked).toHaveLength(1);
    await pass(ASK_EVERY_MS);
    await pass(ASK_EVERY_MS);
    expect(asked).toHaveLength(3);
    stop();
    await pass(10 * ASK_EVERY_MS);
    expect(asked).toHaveLength(3);
    expect([clock.pending, listeners]).toEqual([0, 0]);
  });

  it("asks nothing while nobody sees the page, and at once when somebody is back", async () => {
    await start();
    visible = false;
    await pass(100 * ASK_EVERY_MS);
    expect(asked).toHaveLength(1);
    visible = true;
    back();
    await pass(0);
    expect(asked).toHaveLength(2);
    await pass(ASK_EVERY_MS);
    expect(asked).toHaveLength(3);
    stop();
  });

  it("waits longer and longer for a server that is away, but not for somebody who is back", async () => {
    answer = () => Promise.reject(new Error("away"));
    await start();
    for (const wait of [2, 4, 8].map((times) => times * ASK_EVERY_MS)) {
      const before = asked.length;
      await pass(wait - 1);
      expect(asked).toHaveLength(before);
      await pass(1);
      expect(asked).toHaveLength(before + 1);
    }
    await pass(LONGEST_PAUSE_MS);
    expect(asked).toHaveLength(5);
    answer = () => Promise.resolve();
    back();
    await pass(0);
    await pass(ASK_EVERY_MS);
    expect(asked).toHaveLength(7);
    stop();
  });

  it("gives up an answer that somebody who is back would have to wait for", async () => {
    answer = () => new Promise(() => undefined);
    await start();
    back();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, false]);
    stop();
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
