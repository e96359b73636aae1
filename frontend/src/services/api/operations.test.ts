import { describe, expect, it } from "vitest";

import { figures, rollout } from "./operations";

describe("the rollout from a server", () => {
  it("is taken as it is", () => {
    const cohorts = { websocket: { value: 0.01, trials: 40, users: 8 }, sse: { value: 0, trials: 50, users: 9 } };
    const metric = { name: "error_rate", ...cohorts, estimate: 0.01, low: 0, high: 0.02, target: 0, verdict: "worse", sentence: "More fail." };
    const known = rollout({ percentage: 10, held: true, switch: "on", sse_enabled: false, possible: ["rollback"], metrics: [metric] });
    expect(known).toMatchObject({ percentage: 10, held: true, switch: "on", sseEnabled: false, possible: ["rollback"] });
    expect(known.metrics[0]).toEqual(metric);
  });

  it("says of SSE whether that is past, and what is needed", () => {
    expect(rollout({ sse_is_past: true, needed: { users: 20, trials: 300, days: 2 } })).toMatchObject({ sseIsPast: true, needed: { users: 20, trials: 300, days: 2 } });
  });

  it("offers no action and no verdict that this page does not know", () => {
    const unknown = rollout({ possible: ["explode", "hold"], metrics: [{ name: "luck", verdict: "lucky" }] });
    expect(unknown.possible).toEqual(["hold"]);
    expect(unknown.metrics[0]).toMatchObject({ name: null, estimate: null, target: null, verdict: "undecided" });
  });

  it("knows nothing of cohorts that an older server does not tell of", () => {
    const nobody = { value: null, trials: 0, users: 0 };
    expect(rollout({ metrics: [{ name: "latency" }] }).metrics[0]).toMatchObject({ websocket: nobody, sse: nobody, low: 0, high: 1 });
  });
});

describe("the figures from a server", () => {
  it("name close codes that come as numbers", () => {
    const known = figures({ closes: [{ code: 1006, count: 2 }], transports: [{ transport: "sse", stage: 10, readings: 3 }] });
    expect(known.closes).toEqual([{ name: "1006", count: 2 }]);
    expect(known.transports[0]).toMatchObject({ transport: "sse", stage: 10, readings: 3 });
  });

  it("have no median without readings", () => {
    expect(figures({ transports: [{ words_ms: { median: null, bins: [] } }] }).transports[0]?.words).toEqual({ median: null, p95: null, bins: [] });
  });
});
