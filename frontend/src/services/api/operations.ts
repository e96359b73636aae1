import { flag, listOf, number, numberOrNull, oneOf, record, text } from "./decode";
import { call, type Caller } from "./http";

export const ACTIONS = ["start", "advance", "hold", "resume", "rollback"] as const;
export type Action = (typeof ACTIONS)[number];

export const METRICS = ["error_rate", "first_event", "connections", "latency"] as const;
export type MetricName = (typeof METRICS)[number];

const VERDICTS = ["better", "worse", "undecided"] as const;
export type Verdict = (typeof VERDICTS)[number];

const SWITCHES = ["off", "on", "auto"] as const;
export const REASON_CHARACTERS = 1000;

/** What the guard makes of one of the plan's metrics; numbers are null while there are no readings. */
export type Metric = {
  /** Null: a metric that this page does not know. */
  readonly name: MetricName | null;
  readonly estimate: number | null;
  readonly n: number;
  readonly verdict: Verdict;
  readonly sentence: string;
};

export type Change = {
  readonly number: number;
  readonly action: string;
  readonly percentage: number;
  readonly held: boolean;
  readonly who: string;
  readonly reason: string;
  /** ISO time. */
  readonly at: string;
};

export type Rollout = {
  /** Of all users, 0 to 100. */
  readonly percentage: number;
  readonly held: boolean;
  readonly switch: (typeof SWITCHES)[number];
  readonly sseEnabled: boolean;
  readonly possible: readonly Action[];
  readonly guard: { readonly advances: boolean; readonly stops: boolean; readonly advice: string; readonly reason: string };
  readonly metrics: readonly Metric[];
  /** The newest first. */
  readonly history: readonly Change[];
};

export type Bin = { readonly fromMs: number; readonly toMs: number; readonly count: number };
export type Latency = { readonly median: number | null; readonly p95: number | null; readonly bins: readonly Bin[] };

/** What was counted of one transport at one stage. */
export type Counted = {
  readonly transport: string;
  readonly stage: string;
  readonly readings: number;
  readonly failed: number;
  readonly later: number;
  readonly laterWithin500ms: number;
  readonly sessions: number;
  readonly sessionsWhole: number;
  readonly words: Latency;
  readonly firstEvent: Latency;
};

export type Named = { readonly name: string; readonly count: number };

export type Figures = {
  /** ISO time of the server's start. */
  readonly since: string;
  readonly connectionsNow: number;
  readonly closes: readonly Named[];
  readonly fallbacks: readonly Named[];
  readonly reconnects: number;
  readonly transports: readonly Counted[];
};

export async function getRollout(caller: Caller): Promise<Rollout> {
  return rollout(await call("/api/operations/rollout", caller));
}

/** `after`: number of the latest change that was known to whoever wants this. */
export async function changeRollout(action: Action, reason: string, after: number, caller: Caller): Promise<Rollout> {
  return rollout(await call("/api/operations/rollout", { ...caller, method: "POST", body: { action, reason, after } }));
}

export async function getFigures(caller: Caller): Promise<Figures> {
  return figures(await call("/api/operations/metrics", caller));
}

export function rollout(answer: unknown): Rollout {
  const given = record(answer);
  const guard = record(given["guard"]);
  const possible = listOf(given["possible"], (item) => item);
  return {
    percentage: number(given["percentage"]),
    held: flag(given["held"]),
    switch: oneOf(SWITCHES, given["switch"], "auto"),
    sseEnabled: flag(given["sse_enabled"], true),
    possible: ACTIONS.filter((action) => possible.includes(action)),
    guard: { advances: flag(guard["advances"]), stops: flag(guard["stops"]), advice: text(guard["advice"]), reason: text(guard["reason"]) },
    metrics: listOf(given["metrics"], metric),
    history: listOf(given["history"], change),
  };
}

export function figures(answer: unknown): Figures {
  const given = record(answer);
  return {
    since: text(given["since"]),
    connectionsNow: number(given["connections_now"]),
    closes: listOf(given["closes"], (item) => named(item, "code")),
    fallbacks: listOf(given["fallbacks"], (item) => named(item, "reason")),
    reconnects: number(given["reconnects"]),
    transports: listOf(given["transports"], counted),
  };
}

function metric(value: unknown): Metric {
  const given = record(value);
  return {
    name: METRICS.find((known) => known === given["name"]) ?? null,
    estimate: numberOrNull(given["estimate"]),
    n: number(given["n"]),
    verdict: oneOf(VERDICTS, given["verdict"], "undecided"),
    sentence: text(given["sentence"]),
  };
}

function change(value: unknown): Change {
  const given = record(value);
  return {
    number: number(given["number"]),
    action: text(given["action"]),
    percentage: number(given["percentage"]),
    held: flag(given["held"]),
    who: text(given["who"]),
    reason: text(given["reason"]),
    at: text(given["at"]),
  };
}

function named(value: unknown, key: string): Named {
  const given = record(value);
  return { name: label(given[key]), count: number(given["count"]) };
}

function counted(value: unknown): Counted {
  const given = record(value);
  return {
    transport: text(given["transport"]),
    stage: label(given["stage"]),
    readings: number(given["readings"]),
    failed: number(given["failed"]),
    later: number(given["later"]),
    laterWithin500ms: number(given["later_within_500ms"]),
    sessions: number(given["sessions"]),
    sessionsWhole: number(given["sessions_whole"]),
    words: latency(given["words_ms"]),
    firstEvent: latency(given["first_event_ms"]),
  };
}

function latency(value: unknown): Latency {
  const given = record(value);
  return { median: numberOrNull(given["median"]), p95: numberOrNull(given["p95"]), bins: listOf(given["bins"], bin) };
}

function bin(value: unknown): Bin {
  const given = record(value);
  return { fromMs: number(given["from_ms"]), toMs: number(given["to_ms"]), count: number(given["count"]) };
}

/** A code or a stage, which may come as a number. */
function label(value: unknown): string {
  return typeof value === "number" ? String(value) : text(value, "unknown");
}
