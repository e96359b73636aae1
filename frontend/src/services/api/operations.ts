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

/** What those have lived through whom this stage has dealt to one transport. */
export type Cohort = {
  /** A share, 0 to 1; of the latency the median in ms. Null: nothing was seen. */
  readonly value: number | null;
  readonly trials: number;
  readonly users: number;
};

/** What the guard makes of one of the plan's metrics. */
export type Metric = {
  /** Null: a metric that this page does not know. */
  readonly name: MetricName | null;
  readonly websocket: Cohort;
  /** Of connections there are none. */
  readonly sse: Cohort;
  /** Of the WebSocket's value; of the latency, in what share of pairs it is the quicker. Null: nothing was seen. */
  readonly estimate: number | null;
  /** Ends of the interval of the estimate. */
  readonly low: number;
  readonly high: number;
  /** Of the error rate, to be below; of the others, to be above. Null: not known yet. */
  readonly target: number | null;
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
  /** ISO time since which evidence counts; empty: it has not begun. */
  readonly since: string;
  readonly switch: (typeof SWITCHES)[number];
  readonly sseEnabled: boolean;
  readonly possible: readonly Action[];
  readonly guard: { readonly advances: boolean; readonly stops: boolean; readonly advice: string; readonly reason: string };
  readonly metrics: readonly Metric[];
  /** Nobody is dealt to SSE any more: its cohort is that of the stages before. */
  readonly sseIsPast: boolean;
  /** Of each cohort that a metric looks at, before it is called good. */
  readonly needed: { readonly users: number; readonly trials: number; readonly days: number };
  /** The newest first. */
  readonly history: readonly Change[];
};

export type Bin = { readonly fromMs: number; readonly toMs: number; readonly count: number };
export type Latency = { readonly median: number | null; readonly p95: number | null; readonly bins: readonly Bin[] };

/** What was counted of one transport at one stage. */
export type Counted = {
  readonly transport: string;
  /** Per cent of all users. */
  readonly stage: number;
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
  const needed = record(given["needed"]);
  const possible = listOf(given["possible"], (item) => item);
  return {
    percentage: number(given["percentage"]),
    held: flag(given["held"]),
    since: text(given["since"]),
    switch: oneOf(SWITCHES, given["switch"], "auto"),
    sseEnabled: flag(given["sse_enabled"], true),
    possible: ACTIONS.filter((action) => possible.includes(action)),
    guard: { advances: flag(guard["advances"]), stops: flag(guard["stops"]), advice: text(guard["advice"]), reason: text(guard["reason"]) },
    metrics: listOf(given["metrics"], metric),
    sseIsPast: flag(given["sse_is_past"]),
    needed: { users: number(needed["users"]), trials: number(needed["trials"]), days: number(needed["days"]) },
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
    websocket: cohort(given["websocket"]),
    sse: cohort(given["sse"]),
    estimate: numberOrNull(given["estimate"]),
    low: number(given["low"]),
    high: number(given["high"], 1),
    target: numberOrNull(given["target"]),
    verdict: oneOf(VERDICTS, given["verdict"], "undecided"),
    sentence: text(given["sentence"]),
  };
}

function cohort(value: unknown): Cohort {
  const given = record(value);
  return { value: numberOrNull(given["value"]), trials: number(given["trials"]), users: number(given["users"]) };
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
    stage: number(given["stage"]),
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

/** A code, which may come as a number. */
function label(value: unknown): string {
  return typeof value === "number" ? String(value) : text(value, "unknown");
}
