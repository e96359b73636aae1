import { describe, expect, it } from "vitest";

import { sliceOf } from "./audioSlice";

describe("sliceOf", () => {
  it("leaves room around a word", () => {
    const slice = sliceOf(1, 1.5, 5);
    expect(slice?.offset).toBeCloseTo(0.92);
    expect(slice?.duration).toBeCloseTo(0.7);
  });

  it("stays within the recording", () => {
    expect(sliceOf(0, 0.01, 5)).toEqual({ offset: 0, duration: 0.25 });
    expect(sliceOf(4.9, 5.2, 5)?.duration).toBeCloseTo(0.18);
  });

  it.each([
    [null, 1],
    [1, null],
    [2, 1],
    [9, 10],
  ])("knows nothing of %s to %s", (start, end) => {
    expect(sliceOf(start, end, 5)).toBeNull();
  });
});
