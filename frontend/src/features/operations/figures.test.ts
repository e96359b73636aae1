import { describe, expect, it } from "vitest";

import { figures } from "../../services/api/operations";
import { inWords, medianOf, milliseconds, targetOf, together, valueOf } from "./figures";

const { transports } = figures({
  transports: [
    { transport: "websocket", stage: "10", readings: 30, failed: 1, later: 20, later_within_500ms: 19 },
    { transport: "websocket", stage: "50", readings: 70, failed: 1 },
    { transport: "sse", stage: "10", readings: 50, failed: 2, words_ms: { bins: [{ from_ms: 0, to_ms: 100, count: 4 }] } },
  ],
});

describe("a metric", () => {
  it("adds up the stages of its transport", () => {
    expect(valueOf("error_rate", "websocket", transports)).toBe(2);
    expect(valueOf("first_event", "websocket", transports)).toBe(95);
  });

  it("is nothing, not zero, without readings", () => {
    expect(inWords("connections", valueOf("connections", "websocket", transports))).toBe("no readings yet");
    expect(valueOf("latency", "websocket", transports)).toBeNull();
  });

  it("has SSE as its target where the plan compares", () => {
    expect([targetOf("error_rate", transports), targetOf("latency", transports), targetOf("connections", [])]).toEqual([4, 50, 95]);
  });
});

describe("latencies", () => {
  it("add up bin by bin, in order", () => {
    const later = { fromMs: 100, toMs: 200, count: 1 };
    expect(together([[later], [{ fromMs: 0, toMs: 100, count: 2 }, later]])).toEqual([{ fromMs: 0, toMs: 100, count: 2 }, { ...later, count: 2 }]);
    expect(medianOf([{ fromMs: 0, toMs: 100, count: 1 }, { ...later, count: 3 }])).toBeCloseTo(133.3, 1);
  });

  it("are said in the unit that reads well", () => {
    expect([milliseconds(420.4), milliseconds(1250), milliseconds(null)]).toEqual(["420 ms", "1.3 s", "no readings yet"]);
  });
});
