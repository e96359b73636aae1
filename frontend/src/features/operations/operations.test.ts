import { describe, expect, it } from "vitest";

import { doneInWords } from "./actions";
import { meaningOf } from "./closeCodes";
import { grown, type Point } from "./connections";
import { moment } from "./times";

describe("the trail of connections", () => {
  it("grows by what is new, and stays the same without", () => {
    const one = grown([], { at: 1, connections: 4 });
    expect(one).toEqual([{ at: 1, connections: 4 }]);
    expect(grown(one, { at: 1, connections: 4 })).toBe(one);
  });

  it("forgets what is long past", () => {
    let trail: readonly Point[] = [];
    for (let at = 0; at < 200; at += 1) trail = grown(trail, { at, connections: at });
    expect([trail.length, trail[0]?.at, trail.at(-1)?.at]).toEqual([90, 110, 199]);
  });
});

describe("words", () => {
  it("of a server newer than this page are shown as they are", () => {
    expect([doneInWords("rollback"), doneInWords("explode")]).toEqual(["Rolled back", "explode"]);
    expect([meaningOf("1006"), meaningOf("4999")]).toEqual(["The line broke", "For another reason"]);
    expect(moment("soon")).toBe("soon");
  });
});
