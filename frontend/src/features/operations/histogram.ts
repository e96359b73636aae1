import type { Bin, Counted, Latency } from "../../services/api/operations";
import type { Way } from "./figures";

/** Where a bar ends, in ms: as many as can be told apart, each about twice as long as the one before. */
const ENDS = [100, 200, 300, 500, 1000, 2000, 5000, Number.POSITIVE_INFINITY] as const;

/** One pair of bars: of the readings over each way so many per cent, which are so many. */
export type Bar = {
  /** Below the bars. */
  readonly tick: string;
  /** In a table. */
  readonly label: string;
  readonly websocket: number;
  readonly sse: number;
  readonly counts: Readonly<Record<Way, number>>;
};

export type Quantity = "firstEvent" | "words";

/** Both ways at one stage; null: nothing is known of that one. */
export type Stage = { readonly stage: number; readonly websocket: Counted | null; readonly sse: Counted | null };

/** Each stage of which something is known, the furthest first. */
export function byStage(counted: readonly Counted[]): readonly Stage[] {
  const stages = [...new Set(counted.map(({ stage }) => stage))].toSorted((one, other) => other - one);
  const find = (stage: number, way: Way) => counted.find((one) => one.stage === stage && one.transport === way) ?? null;
  return stages.map((stage) => ({ stage, websocket: find(stage, "websocket"), sse: find(stage, "sse") }));
}

/** Both ways as bars, the shortest times first. */
export function bars(stage: Stage, quantity: Quantity): readonly Bar[] {
  const websocket = merged(stage.websocket?.[quantity].bins ?? []);
  const sse = merged(stage.sse?.[quantity].bins ?? []);
  return ENDS.map((end, index) => {
    const counts = { websocket: websocket[index] ?? 0, sse: sse[index] ?? 0 };
    return { tick: tickOf(end), label: labelOf(index, end), websocket: share(counts.websocket, websocket), sse: share(counts.sse, sse), counts };
  });
}

/** How many there are between one end and the next. The server's bins are finer, and end where ours do. */
export function merged(bins: readonly Bin[]): readonly number[] {
  return ENDS.map((end, index) => {
    const begin = ENDS[index - 1] ?? 0;
    return bins.filter(({ fromMs }) => fromMs >= begin && fromMs < end).reduce((sum, { count }) => sum + count, 0);
  });
}

export function countOf({ bins }: Latency): number {
  return bins.reduce((sum, { count }) => sum + count, 0);
}

function share(count: number, all: readonly number[]): number {
  const total = all.reduce((sum, each) => sum + each, 0);
  return total === 0 ? 0 : (100 * count) / total;
}

function tickOf(end: number): string {
  return Number.isFinite(end) ? String(end / 1000) : "more";
}

function labelOf(index: number, end: number): string {
  const begin = ENDS[index - 1];
  if (begin === undefined) return `up to ${end / 1000} s`;
  return Number.isFinite(end) ? `${begin / 1000} to ${end / 1000} s` : `more than ${begin / 1000} s`;
}
