import { expect, it } from "vitest";

import { ManualLocks } from "../testing/manualLocks";
import { exclusivelyBy } from "./exclusively";

it("lets one after the other run under a name, and others beside them", async () => {
  const exclusively = exclusivelyBy(new ManualLocks());
  const done: string[] = [];
  const door = new EventTarget();
  const first = exclusively("a", () => new Promise((resolve) => { door.addEventListener("open", () => { resolve(); }); }));
  const second = exclusively("a", () => Promise.resolve(void done.push("second")));
  await exclusively("b", () => Promise.resolve(void done.push("other")));
  expect(done).toEqual(["other"]);
  door.dispatchEvent(new Event("open"));
  await Promise.all([first, second]);
  expect(done).toEqual(["other", "second"]);
});

it("passes on what goes wrong, once", async () => {
  let runs = 0;
  const fail = () => {
    runs += 1;
    return Promise.reject(new Error("no"));
  };
  await expect(exclusivelyBy(new ManualLocks())("a", fail)).rejects.toThrow("no");
  expect(runs).toBe(1);
});

it("runs all the same where there are no locks, or none are given", async () => {
  const refusing = { request: () => Promise.reject(new DOMException("Not here.", "SecurityError")) };
  for (const locks of [undefined, refusing]) {
    let runs = 0;
    await exclusivelyBy(locks)("a", () => Promise.resolve(void (runs += 1)));
    expect(runs).toBe(1);
  }
});
