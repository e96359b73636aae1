import { describe, expect, it } from "vitest";

import { inMegabytes, inPercent } from "./amounts";

describe("inPercent", () => {
  it.each([
    [0, 0, "0 %"],
    [0, 10, "0 %"],
    [999, 1000, "99 %"],
    [1000, 1000, "100 %"],
  ])("says of %d in %d: %s", (part, whole, said) => {
    expect(inPercent(part, whole)).toBe(said);
  });
});

describe("inMegabytes", () => {
  it.each([
    [0, "0.0"],
    [7_937_801, "7.9"],
    [24_300_000, "24.3"],
  ])("says of %d bytes: %s", (bytes, said) => {
    expect(inMegabytes(bytes)).toBe(said);
  });
});
