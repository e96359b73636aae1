import type { Cohort, Metric, MetricName, Rollout, Verdict } from "../../services/api/operations";

export const TITLES: Readonly<Record<MetricName, string>> = {
  error_rate: "Readings that failed",
  first_event: "Later readings within 500 ms",
  connections: "Sessions that stayed connected",
  latency: "From recording to words",
};

export const TARGETS: Readonly<Record<MetricName, string>> = {
  error_rate: "no more than over SSE",
  first_event: "a first event by then for more than 95 %",
  connections: "more than 95 %",
  latency: "sooner than over SSE, from the end of the recording",
};

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: "Good enough",
  worse: "Worse than it may be",
  undecided: "Not decided yet",
};

const TRIALS: Readonly<Record<MetricName, readonly [one: string, many: string]>> = {
  error_rate: ["reading", "readings"],
  first_event: ["reading", "readings"],
  connections: ["session", "sessions"],
  latency: ["reading", "readings"],
};

export const NOTHING = "nothing yet";

export type Way = "websocket" | "sse";
export const WAY_NAMES: Readonly<Record<Way, string>> = { websocket: "WebSocket", sse: "SSE" };

/** The transports of which a metric has a value: SSE has no connections to keep. */
export function waysOf(name: MetricName): readonly Way[] {
  return name === "connections" ? ["websocket"] : ["websocket", "sse"];
}

export function inWords(name: MetricName, value: number | null): string {
  if (value === null) return NOTHING;
  return name === "latency" ? milliseconds(value) : percent(value);
}

/** How much is behind a value. */
export function behind(name: MetricName, { trials, users }: Cohort): string {
  return `${counted(trials, TRIALS[name])} by ${counted(users, ["person", "people"])}`;
}

/** What the interval of an estimate says. Null: there is none while nothing was seen. */
export function range(metric: Metric, name: MetricName): string | null {
  if (metric.estimate === null) return null;
  const ends = `surely between ${percent(metric.low)} and ${percent(metric.high)}`;
  return name === "latency" ? `The WebSocket was the quicker one in ${percent(metric.estimate)} of all pairs, ${ends}; the target is more than 50 %.` : `Over WebSocket ${ends}.`;
}

/** What a metric needs before it can be called good. Null: there is enough. */
export function lacking(metric: Metric, name: MetricName, needed: Rollout["needed"]): string | null {
  const compared = name === "error_rate" || name === "latency";
  const enough = (cohort: Cohort) => cohort.trials >= needed.trials && cohort.users >= needed.users;
  if (enough(metric.websocket) && (!compared || enough(metric.sse))) return null;
  return `Not enough yet: it takes ${needed.trials} ${TRIALS[name][1]} by ${needed.users} people${compared ? " over either" : ""} to call it good.`;
}

export function milliseconds(value: number | null): string {
  if (value === null) return NOTHING;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function counted(count: number, [one, many]: readonly [one: string, many: string]): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
