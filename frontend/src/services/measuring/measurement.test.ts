import { describe, expect, it } from "vitest";

import { closeCode, errorCode, MAX_MILLISECONDS, MAX_SESSION_SECONDS, measured, milliseconds, sessionSeconds } from "./measurement";

describe("what a server takes", () => {
  it("is never exceeded, however long a device slept", () => {
    expect([milliseconds(-5), milliseconds(12.4), milliseconds(1e9), milliseconds(Infinity)]).toEqual([0, 12, MAX_MILLISECONDS, MAX_MILLISECONDS]);
    expect(milliseconds(Number.NaN)).toBe(0);
    expect(sessionSeconds(1e15)).toBe(MAX_SESSION_SECONDS);
    expect(sessionSeconds(61_400)).toBe(61);
  });

  it("is left out where it cannot have been measured", () => {
    expect([measured(MAX_MILLISECONDS + 1), measured(Infinity), measured(Number.NaN)]).toEqual([undefined, undefined, undefined]);
    expect([measured(-1), measured(MAX_MILLISECONDS)]).toEqual([0, MAX_MILLISECONDS]);
    expect([closeCode(undefined), closeCode(999), closeCode(5000), closeCode(1000.5)]).toEqual([{}, {}, {}, {}]);
    expect(closeCode(4408)).toEqual({ close_code: 4408 });
    expect([errorCode("no_speech"), errorCode("No speech"), errorCode("x".repeat(41))]).toEqual([{ code: "no_speech" }, {}, {}]);
  });
});
