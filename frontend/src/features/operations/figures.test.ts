import { describe, expect, it } from "vitest";

import { behind, inWords, lacking, milliseconds, range, waysOf } from "./figures";
import { metricOf } from "./testMetric";

const NEEDED = { users: 20, trials: 300, days: 2 };

describe("a value", () => {
  it("is nothing, not zero, where nothing was seen", () => {
    expect([inWords("error_rate", null), inWords("error_rate", 0), inWords("latency", null)]).toEqual(["nothing yet", "0.0 %", "nothing yet"]);
  });

  it("is said in the unit of its metric", () => {
    expect([inWords("first_event", 0.973), inWords("latency", 420.4), milliseconds(1250)]).toEqual(["97.3 %", "420 ms", "1.3 s"]);
  });

  it("says how much is behind it", () => {
    expect(behind("connections", { value: 1, trials: 1, users: 1 })).toBe("1 session by 1 person");
    expect(behind("latency", { value: 400, trials: 1240, users: 31 })).toBe("1,240 readings by 31 people");
  });

  it("is not of connections over SSE, which has none", () => {
    expect(waysOf("connections")).toEqual(["websocket"]);
    expect(waysOf("latency")).toEqual(["websocket", "sse"]);
  });
});

describe("an interval", () => {
  it("is not told while nothing was seen, though the server gives its ends", () => {
    expect(range(metricOf("first_event", { low: 0, high: 1 }), "first_event")).toBeNull();
  });

  it("is that of the share of pairs for the latency, whose values are times", () => {
    const told = range(metricOf("latency", { estimate: 0.62, low: 0.5, high: 0.74, target: 0.5 }), "latency");
    expect(told).toContain("62.0 % of all pairs, surely between 50.0 % and 74.0 %");
    expect(range(metricOf("error_rate", { estimate: 0.01, low: 0, high: 0.029 }), "error_rate")).toBe("Over WebSocket surely between 0.0 % and 2.9 %.");
  });
});

describe("what is lacking", () => {
  const enough = { value: 0, trials: 300, users: 20 };
  const few = { value: 0, trials: 299, users: 20 };

  it("is nothing when there are enough readings by enough people", () => {
    expect(lacking(metricOf("error_rate", { websocket: enough, sse: enough }), "error_rate", NEEDED)).toBeNull();
    expect(lacking(metricOf("error_rate", { websocket: { ...enough, users: 19 }, sse: enough }), "error_rate", NEEDED)).toContain("300 readings by 20 people");
  });

  it("counts SSE only where the WebSocket is compared with it", () => {
    const one = metricOf("error_rate", { websocket: enough, sse: few });
    expect(lacking(one, "latency", NEEDED)).toContain("over either");
    expect(lacking(one, "first_event", NEEDED)).toBeNull();
  });
});
