import { describe, expect, it } from "vitest";

import { LadderRules } from "./ladderRules";
import { Backoff, closeCodeOf, Reconnect, type Loss } from "./reconnect";

const half = () => 0.5;
const BROKE: Loss = { kind: "closed", code: 1006 };
const BLOCKED: Loss = { kind: "handshake", code: 1006 };

/** A ladder that all this has happened to. */
function after(...losses: Loss[]): LadderRules {
  const rules = new LadderRules();
  for (const loss of losses) rules.failed(loss);
  return rules;
}

describe("Backoff", () => {
  it("waits a random part of a bound that doubles from 0.5 s to 30 s", () => {
    const backoff = new Backoff(() => 1);
    expect(Array.from({ length: 9 }, () => backoff.next())).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(new Backoff(() => 0).next()).toBe(0);
    expect(new Backoff(half).next()).toBe(250);
  });

  it("begins again when something worked", () => {
    const backoff = new Backoff(() => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(500);
  });
});

describe("Reconnect", () => {
  it("waits longer and longer after a greeting that nothing follows, and not after a real event", () => {
    const rules = new Reconnect(() => 1);
    const waits = [1, 2, 3].map(() => {
      rules.ready();
      return rules.lost(BROKE, false);
    });
    expect(waits).toMatchObject([{ ms: 500 }, { ms: 1000 }, { ms: 2000 }]);
    rules.heard();
    expect(rules.lost(BROKE, false)).toMatchObject({ kind: "retry", ms: 500, reason: "lost" });
  });

  it.each([
    [1000, "stop"],
    [1001, "retry"],
    [1006, "retry"],
    [1007, "stop"],
    [1009, "stop"],
    [1011, "retry"],
    [1012, "retry"],
    [1013, "retry"],
    [4400, "stop"],
    [4408, "retry"],
    [4409, "stop"],
    [4429, "retry"],
    [4999, "retry"],
  ])("after %i: %s", (code, kind) => {
    expect(new Reconnect(half).lost({ kind: "closed", code }, true)).toMatchObject({ kind });
  });

  it("does not come back for 30 s after too many messages", () => {
    expect(new Reconnect(half).lost({ kind: "closed", code: 4429 }, true)).toMatchObject({ ms: 30_000, reason: "busy" });
  });

  it("gets another token once, and again only after something real was heard", () => {
    const rules = new Reconnect(half);
    const expired: Loss = { kind: "closed", code: 4401 };
    expect(rules.lost(expired, true)).toMatchObject({ kind: "retry", renew: true });
    rules.ready();
    expect(rules.lost(expired, true)).toMatchObject({ kind: "stop", reason: "signed_out" });
    rules.heard();
    expect(rules.lost(expired, true)).toMatchObject({ kind: "retry", renew: true });
    rules.notRenewed();
    expect(rules.lost(expired, true)).toMatchObject({ kind: "retry", renew: true });
  });

  it("stops when there is nobody to ask for another token", () => {
    expect(new Reconnect(half).lost({ kind: "closed", code: 4401 }, false)).toMatchObject({ error: "unauthorized" });
    expect(new Reconnect(half).lost({ kind: "signed_out" }, true)).toMatchObject({ error: "unauthorized" });
  });

  it("falls back after the third failed handshake in a row, and then tries every 60 s", () => {
    const rules = new Reconnect(half, new LadderRules());
    expect(rules.firstMs).toBe(0);
    const steps = [1, 2, 3, 4].map(() => rules.lost(BLOCKED, true));
    expect(steps).toMatchObject([{ fallBack: false }, { fallBack: false }, { fallBack: true, ms: 60_000 }, { ms: 60_000 }]);
    expect(rules.firstMs).toBe(60_000);
  });

  it("tries sooner where the WebSocket has worked before, and less and less often", () => {
    const rules = new Reconnect(() => 1, new LadderRules());
    const NOT_READY: Loss = { kind: "not_ready" };
    rules.ready();
    const steps = [1, 2, 3, 4].map(() => rules.lost(NOT_READY, true));
    expect(steps).toMatchObject([{ fallBack: true, ms: 10_000 }, { ms: 20_000 }, { ms: 40_000 }, { ms: 60_000 }]);
    rules.ready();
    rules.heard();
    expect(rules.lost(NOT_READY, true)).toMatchObject({ ms: 10_000 });
  });

  it.each<[string, Loss]>([
    ["blocked", BLOCKED],
    ["blocked", { kind: "handshake" }],
    ["blocked", { kind: "not_ready" }],
    ["restarting", { kind: "handshake", code: 1012 }],
    ["busy", { kind: "handshake", code: 1013 }],
    ["lost", { kind: "handshake", code: 1011 }],
  ])("says that it fell back because it was %s, also while it tries again: %j", (reason, loss) => {
    const rules = new Reconnect(half, new LadderRules());
    for (let count = 0; count < 2; count += 1) rules.lost(loss, true);
    expect(rules.lost(loss, true)).toMatchObject({ fallBack: true, reason });
    expect(rules.lost(BLOCKED, true)).toMatchObject({ fallBack: true, reason });
  });

  it("never falls back without a ladder", () => {
    const rules = new Reconnect(half);
    const steps = Array.from({ length: 9 }, () => rules.lost(BLOCKED, true));
    expect(steps.some((step) => step.kind === "retry" && step.fallBack)).toBe(false);
  });
});

describe("closeCodeOf", () => {
  it("is what the other side said, and nothing when it said nothing", () => {
    expect(closeCodeOf({ kind: "closed", code: 1013 })).toBe(1013);
    expect(closeCodeOf({ kind: "moved" })).toBe(1012);
    for (const loss of [BROKE, BLOCKED, { kind: "silent" } as const]) expect(closeCodeOf(loss)).toBeUndefined();
  });
});

describe("LadderRules", () => {
  it("goes down after three failed handshakes in a row", () => {
    expect(after(BLOCKED, BLOCKED).way).toBe("websocket");
    expect(after(BLOCKED, BLOCKED, BLOCKED).way).toBe("sse");
    const rules = after(BLOCKED, BLOCKED);
    rules.ready();
    rules.failed(BLOCKED);
    expect(rules.way).toBe("websocket");
  });

  it("goes down at once when nobody greets", () => {
    expect(after({ kind: "not_ready" }).way).toBe("sse");
  });

  it.each<Loss>([{ kind: "unreachable" }, BROKE, { kind: "silent" }, { kind: "moved" }])("stays for %j", (loss) => {
    expect(after(loss, loss, loss, loss).way).toBe("websocket");
  });

  it.each([1009, 4401, 4409, 4429])("stays when %i closes it before the greeting", (code) => {
    const loss: Loss = { kind: "handshake", code };
    expect(after(loss, loss, loss).way).toBe("websocket");
  });

  it("goes up when a WebSocket works and nothing is under way over SSE", () => {
    const rules = after({ kind: "not_ready" });
    rules.climb(0);
    expect(rules.way).toBe("sse");
    rules.ready();
    rules.climb(1);
    expect(rules.way).toBe("sse");
    rules.climb(0);
    expect(rules.way).toBe("websocket");
  });

  it("stays down when the WebSocket that worked is lost again before its turn", () => {
    const rules = after({ kind: "not_ready" });
    rules.ready();
    rules.failed(BROKE);
    rules.climb(0);
    expect(rules.way).toBe("sse");
  });

  it("stays where there is no other way any more, and goes back there when there was", () => {
    const rules = after({ kind: "not_ready" });
    rules.setOnlyWay(true);
    expect(rules.way).toBe("websocket");
    for (let count = 0; count < 9; count += 1) rules.failed(BLOCKED);
    rules.failed({ kind: "not_ready" });
    expect(rules.way).toBe("websocket");
    rules.setOnlyWay(false);
    rules.failed({ kind: "not_ready" });
    expect(rules.way).toBe("sse");
  });
});
