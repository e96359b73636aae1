import type { Metric, MetricName } from "../../services/api/operations";
import { WAY_NAMES, type Way } from "./figures";

/** Per cent, from one end of an axis to the other. */
export type Scale = { readonly from: number; readonly to: number; readonly ticks: readonly number[] };

/** A dot in per cent; for the WebSocket with how much less and more it may be. */
export type Dot = { readonly way: Way; readonly name: string; readonly x: number; readonly y: number; readonly error?: readonly [number, number] };

const STEPS = [1, 2, 5, 10] as const;
const LONGEST_STEP = 20;
const MOST_TICKS = 7;

/** What is drawn of a metric: its estimate, and SSE where it is of the same kind. Of the latency that is no time, but how often the WebSocket is the quicker one. */
export function dots(metric: Metric, name: MetricName): readonly Dot[] {
  if (metric.estimate === null) return [];
  const { estimate, low, high, sse } = metric;
  const ours: Dot = { way: "websocket", name: WAY_NAMES.websocket, x: 100 * estimate, y: 1, error: [Math.max(0, 100 * (estimate - low)), Math.max(0, 100 * (high - estimate))] };
  if (name === "latency" || sse.value === null) return [ours];
  return [ours, { way: "sse", name: WAY_NAMES.sse, x: 100 * sse.value, y: 0 }];
}

/** An axis on which the dots, what they may be, and the target find room; it ends where the metric is at its best. */
export function scaleOf(metric: Metric, name: MetricName): Scale {
  const shares = [metric.low, metric.high, metric.estimate, metric.target, name === "latency" ? null : metric.sse.value];
  const known = shares.filter((share) => share !== null).map((share) => 100 * share);
  const best = { error_rate: [0], first_event: [100], connections: [100], latency: [] }[name];
  return scale(Math.min(...known, ...best), Math.max(...known, ...best));
}

/** Round numbers around two percentages. */
export function scale(low: number, high: number): Scale {
  const step = STEPS.find((each) => (high - low) / each <= MOST_TICKS - 2) ?? LONGEST_STEP;
  const from = Math.max(0, Math.min(Math.floor(low / step) * step, 100 - step));
  const to = Math.min(100, Math.max(from + step, Math.ceil(high / step) * step));
  return { from, to, ticks: Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step) };
}
