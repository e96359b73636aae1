import { describe, expect, it } from "vitest";

import { dots, scale, scaleOf } from "./scale";
import { metricOf } from "./testMetric";

describe("an axis", () => {
  it("has round ends around all that is drawn, and no more ticks than can be read", () => {
    expect(scale(0, 7.9)).toEqual({ from: 0, to: 8, ticks: [0, 2, 4, 6, 8] });
    expect(scale(91.2, 100)).toEqual({ from: 90, to: 100, ticks: [90, 92, 94, 96, 98, 100] });
    expect(scale(0, 100).ticks).toEqual([0, 20, 40, 60, 80, 100]);
  });

  it("has room also when everything is the same", () => {
    expect(scale(0, 0)).toEqual({ from: 0, to: 1, ticks: [0, 1] });
    expect(scale(100, 100)).toEqual({ from: 99, to: 100, ticks: [99, 100] });
  });

  it("holds the target and the interval, and ends where the metric is at its best", () => {
    const known = { estimate: 0.97, low: 0.93, high: 0.99, target: 0.95 };
    expect(scaleOf(metricOf("connections", known), "connections")).toMatchObject({ from: 92, to: 100 });
    expect(scaleOf(metricOf("error_rate", { estimate: 0.02, low: 0.01, high: 0.04, target: 0.06, sse: { value: 0.06 } }), "error_rate")).toMatchObject({ from: 0, to: 6 });
  });
});

describe("the dots", () => {
  it("are both ways in per cent, the WebSocket's with what it may be", () => {
    const drawn = dots(metricOf("error_rate", { estimate: 0.02, low: 0.01, high: 0.05, target: 0.03, sse: { value: 0.03, trials: 9, users: 3 } }), "error_rate");
    expect(drawn.map(({ way, x }) => [way, x])).toEqual([["websocket", 2], ["sse", 3]]);
    expect(drawn[0]?.error?.map(Math.round)).toEqual([1, 3]);
  });

  it("leave SSE out where its value is of another kind", () => {
    const latency = { estimate: 0.6, low: 0.5, high: 0.7, target: 0.5, sse: { value: 900, trials: 9, users: 3 } };
    expect(dots(metricOf("latency", latency), "latency").map(({ way }) => way)).toEqual(["websocket"]);
    expect(scaleOf(metricOf("latency", latency), "latency")).toMatchObject({ from: 50, to: 70 });
  });

  it("are none while nothing was seen", () => {
    expect(dots(metricOf("connections", { low: 0, high: 1, target: 0.95 }), "connections")).toEqual([]);
  });
});
