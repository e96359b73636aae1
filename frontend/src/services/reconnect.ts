/** What to do when a WebSocket is lost or could not be opened: pure rules, without socket, clock or waiting. */

import { FIRST_PROBE_MS, FIRST_WAIT_MS, LONGEST_WAIT_MS, PROBE_MS } from "../config/connection";
import type { GivenUp } from "./audioProtocol";
import type { LadderRules } from "./ladderRules";
import type { StateReason } from "./transportStatus";

/**
 * Exponential backoff with full jitter: a random part of a bound that doubles spreads a thousand clients over the
 * whole time, where a fixed wait would have them all come back at once.
 */
export class Backoff {
  private bound: number;
  private readonly random: () => number;
  private readonly first: number;
  private readonly longest: number;

  /** No wait is longer than `longest` milliseconds, and the first no longer than `first`. */
  constructor(random: () => number, first = FIRST_WAIT_MS, longest = LONGEST_WAIT_MS) {
    this.random = random;
    this.first = this.bound = first;
    this.longest = longest;
  }

  /** Milliseconds to wait now; the next wait may be twice as long. */
  next(): number {
    const wait = this.random() * this.bound;
    this.bound = Math.min(2 * this.bound, this.longest);
    return wait;
  }

  /** Something worked. */
  reset(): void {
    this.bound = this.first;
  }
}

/** How a connection ended, or failed to begin. */
export type Loss =
  /** The server is there, but no WebSocket came of it; with a code when it was opened and closed before `ready`. */
  | { readonly kind: "handshake"; readonly code?: number }
  /** It was opened, and nothing came of it in time, or something else than `ready`. */
  | { readonly kind: "not_ready" }
  /** Nobody answers at all. */
  | { readonly kind: "unreachable" }
  /** One that had greeted was closed; 1006: it broke. */
  | { readonly kind: "closed"; readonly code: number }
  /** It gave no sign of life. */
  | { readonly kind: "silent" }
  /** We left it because its server stops. */
  | { readonly kind: "moved" }
  /** There is no token that the server takes. */
  | { readonly kind: "signed_out" };

export type Retry = {
  readonly kind: "retry";
  readonly ms: number;
  /** Get another token first. */
  readonly renew: boolean;
  /** What is in flight goes over SSE meanwhile. */
  readonly fallBack: boolean;
  readonly reason: StateReason;
};

/** Not to come back by itself; what is in flight ends with this error. */
export type Stop = { readonly kind: "stop"; readonly reason: StateReason; readonly error: GivenUp };

type Rule =
  | { readonly next: "stop"; readonly reason: StateReason; readonly error: GivenUp }
  | { readonly next: "renew" }
  | { readonly next: "reconnect"; readonly reason: StateReason; readonly atLeastMs?: number };

/** Never sent: the connection ended without a close. */
const BROKEN_CODE = 1006;
const RESTARTS_CODE = 1012;

const FAULT = { next: "stop", reason: "fault", error: "unreadable_answer" } as const;

/** What a close code means to a client; those that are not here mean a lost connection. */
export const CLOSE_RULES: ReadonlyMap<number, Rule> = new Map<number, Rule>([
  [1000, { next: "stop", reason: "not_connected", error: "connection_failed" }],
  [1001, { next: "reconnect", reason: "restarting" }],
  [BROKEN_CODE, { next: "reconnect", reason: "lost" }],
  [1007, FAULT],
  [1009, { next: "stop", reason: "too_large", error: "audio_too_large" }],
  [1011, { next: "reconnect", reason: "lost" }],
  [RESTARTS_CODE, { next: "reconnect", reason: "restarting" }],
  [1013, { next: "reconnect", reason: "busy" }],
  [4400, FAULT],
  [4401, { next: "renew" }],
  [4408, { next: "reconnect", reason: "lost" }],
  [4409, { next: "stop", reason: "replaced", error: "replaced" }],
  [4429, { next: "reconnect", reason: "busy", atLeastMs: 30_000 }],
]);

const LOST = { next: "reconnect", reason: "lost" } as const;
const SIGNED_OUT = { kind: "stop", reason: "signed_out", error: "unauthorized" } as const;

/** The rules, and what they need to remember. */
export class Reconnect {
  private readonly backoff: Backoff;
  private readonly probes: Backoff;
  private readonly ladder: LadderRules | undefined;
  private renewed = false;
  private hasWorked = false;

  /** `ladder` decides about SSE; without it there is only the WebSocket. */
  constructor(random: () => number, ladder?: LadderRules) {
    this.backoff = new Backoff(random);
    this.probes = new Backoff(random, FIRST_PROBE_MS, PROBE_MS);
    this.ladder = ladder;
  }

  /** Milliseconds until the first attempt: while readings go over SSE, the WebSocket is only tried now and then. */
  get firstMs(): number {
    return this.ladder?.way === "sse" ? PROBE_MS : 0;
  }

  /** The server greeted. That alone says little: it may break at the first reading, again and again. */
  ready(): void {
    this.hasWorked = true;
    this.ladder?.ready();
  }

  /** Something real came after the greeting. */
  heard(): void {
    this.backoff.reset();
    this.probes.reset();
    this.renewed = false;
  }

  /** Another token was asked for in vain; that may be tried again. */
  notRenewed(): void {
    this.renewed = false;
  }

  lost(loss: Loss, canRenew: boolean): Retry | Stop {
    const rule = ruleFor(loss);
    this.ladder?.failed(loss, isUnexplained(loss) || rule.next === "renew" ? "blocked" : rule.reason);
    if (loss.kind === "signed_out") return SIGNED_OUT;
    if (rule.next === "renew") return canRenew ? this.renew() : SIGNED_OUT;
    if (this.ladder?.way === "sse") return retry(this.probeMs(), this.ladder.reason, { fallBack: true });
    if (rule.next === "stop") return { kind: "stop", reason: rule.reason, error: rule.error };
    return retry(Math.max(this.backoff.next(), rule.atLeastMs ?? 0), rule.reason);
  }

  private probeMs(): number {
    return this.hasWorked ? this.probes.next() : PROBE_MS;
  }

  private renew(): Retry | Stop {
    if (this.renewed) return SIGNED_OUT;
    this.renewed = true;
    return retry(this.backoff.next(), "lost", { renew: true });
  }
}

/** A browser does not say why a WebSocket could not be opened. */
export function isUnexplained(loss: Loss): boolean {
  return loss.kind === "not_ready" || (loss.kind === "handshake" && (loss.code ?? BROKEN_CODE) === BROKEN_CODE);
}

/** What the other side closed with, or said before it would; undefined: it just ended. */
export function closeCodeOf(loss: Loss): number | undefined {
  if (loss.kind === "moved") return RESTARTS_CODE;
  const code = loss.kind === "closed" || loss.kind === "handshake" ? loss.code : undefined;
  return code === BROKEN_CODE ? undefined : code;
}

function ruleFor(loss: Loss): Rule {
  switch (loss.kind) {
    case "closed":
    case "handshake":
      return CLOSE_RULES.get(loss.code ?? BROKEN_CODE) ?? LOST;
    case "moved":
      return { next: "reconnect", reason: "restarting" };
    case "unreachable":
      return { next: "reconnect", reason: "unreachable" };
    case "not_ready":
    case "silent":
    case "signed_out":
      return LOST;
  }
}

function retry(ms: number, reason: StateReason, more: { renew?: boolean; fallBack?: boolean } = {}): Retry {
  return { kind: "retry", ms, renew: more.renew ?? false, fallBack: more.fallBack ?? false, reason };
}
