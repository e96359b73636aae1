import type { Bin, Counted, MetricName, Verdict } from "../../services/api/operations";

export const TITLES: Readonly<Record<MetricName, string>> = {
  error_rate: "Readings that failed",
  first_event: "Later readings answered within 500 ms",
  connections: "Sessions that stayed connected",
  latency: "Half of the readings had their words after",
};

export const TARGETS: Readonly<Record<MetricName, string>> = {
  error_rate: "Target: no more than over SSE",
  first_event: "Target: more than 95 %",
  connections: "Target: more than 95 %",
  latency: "Target: sooner than over SSE",
};

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: "Good enough",
  worse: "Worse than it may be",
  undecided: "Not decided yet",
};

export const NO_READINGS = "no readings yet";

/** One metric of one transport, all stages together: per cent, or ms for the latency. Null: nothing was counted. */
export function valueOf(name: MetricName, transport: string, counted: readonly Counted[]): number | null {
  const of = counted.filter((one) => one.transport === transport);
  const sum = (key: "readings" | "failed" | "later" | "laterWithin500ms" | "sessions" | "sessionsWhole") => of.reduce((total, one) => total + one[key], 0);
  if (name === "error_rate") return percent(sum("failed"), sum("readings"));
  if (name === "first_event") return percent(sum("laterWithin500ms"), sum("later"));
  if (name === "connections") return percent(sum("sessionsWhole"), sum("sessions"));
  return medianOf(together(of.map((one) => one.words.bins)));
}

/** Where the target line is drawn, in the unit of `valueOf`. Null: there is nothing to compare with. */
export function targetOf(name: MetricName, counted: readonly Counted[]): number | null {
  return name === "first_event" || name === "connections" ? 95 : valueOf(name, "sse", counted);
}

export function inWords(name: MetricName, value: number | null): string {
  if (value === null) return NO_READINGS;
  return name === "latency" ? milliseconds(value) : `${value.toFixed(1)} %`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return NO_READINGS;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

/** The same bins of several histograms added up, the shortest times first. */
export function together(histograms: readonly (readonly Bin[])[]): readonly Bin[] {
  const sums = new Map<number, Bin>();
  for (const bin of histograms.flat()) sums.set(bin.fromMs, { ...bin, count: bin.count + (sums.get(bin.fromMs)?.count ?? 0) });
  return [...sums.values()].toSorted((one, other) => one.fromMs - other.fromMs);
}

/** The median in ms, as if times were spread evenly over their bin. Null: nothing was counted. */
export function medianOf(bins: readonly Bin[]): number | null {
  const half = bins.reduce((total, bin) => total + bin.count, 0) / 2;
  let below = 0;
  for (const { fromMs, toMs, count } of bins) {
    if (count > 0 && below + count >= half) return fromMs + ((half - below) / count) * (toMs - fromMs);
    below += count;
  }
  return null;
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole;
}
