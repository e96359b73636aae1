import { describe, expect, it } from "vitest";

import { isUsable } from "./heard";

describe("isUsable", () => {
  it.each([
    [true, [["K", "AE1", "T"]], ["cat"]],
    [true, [["K"], []], ["c", "?"]],
    [false, [], []],
    [false, [[]], ["cat"]],
    [false, [["K"]], []],
    [false, [["kæt"]], ["cat"]],
    [false, [Array.from({ length: 41 }, () => "K")], ["k"]],
  ])("is %s of %j, %j", (usable, phonemes, words) => {
    expect(isUsable({ phonemes, words })).toBe(usable);
  });
});
