import { beforeEach, describe, expect, it } from "vitest";

import type { StateReason, TransportName, TransportState, TransportStatus } from "../transportStatus";
import { ConnectionWatch } from "./connectionWatch";
import type { Measurement } from "./measurement";

const CONNECTED = { kind: "connected", transport: "websocket", milliseconds: 80 };

function session(more: object): object {
  return { kind: "session", transport: "websocket", broken: false, close_code: 1000, ...more };
}

describe("ConnectionWatch", () => {
  let now: number;
  let stage: number;
  let told: Measurement[];
  let stages: number[];
  let watch: ConnectionWatch;

  const saw = (state: TransportState, reason: StateReason, closeCode?: number, transport: TransportName = "websocket") => {
    const status: TransportStatus = { state, reason, transport };
    watch.saw(closeCode === undefined ? status : { ...status, closeCode });
  };
  const sawSse = (state: TransportState, reason: StateReason) => { saw(state, reason, undefined, "sse"); };
  const open = () => {
    saw("connecting", "opening");
    now += 80;
    saw("ready", "live");
  };

  beforeEach(() => {
    now = 1000;
    stage = 3;
    told = [];
    stages = [];
    watch = new ConnectionWatch({
      now: () => now,
      stage: () => stage,
      measured: (measurement, of) => {
        told.push(measurement);
        stages.push(of);
      },
    });
  });

  it("measures the time to ready, and a session that stayed whole", () => {
    open();
    now += 60_000;
    sawSse("ready", "chosen");
    expect(told).toEqual([CONNECTED, session({ seconds: 60 })]);
  });

  it("counts a session at the stage at which it began, though another one ended it", () => {
    open();
    stage = 4;
    sawSse("ready", "chosen");
    expect(stages).toEqual([3, 3]);
  });

  it("measures how long a lost connection was away, and calls its session broken, once", () => {
    open();
    saw("reconnecting", "lost", 1011);
    now += 700;
    saw("reconnecting", "unreachable");
    now += 300;
    saw("ready", "live");
    saw("reconnecting", "busy", 1013);
    saw("ready", "live");
    watch.left();
    expect(told).toEqual([
      CONNECTED,
      { kind: "reconnected", close_code: 1011, milliseconds: 1000 },
      { kind: "reconnected", close_code: 1013, milliseconds: 0 },
      session({ seconds: 1, broken: true, close_code: 1011 }),
    ]);
  });

  it.each([
    ["restarting", 1012],
    ["offline", undefined],
  ] as const)("does not blame the WebSocket when it was lost because of %s", (reason, code) => {
    open();
    saw("reconnecting", reason, code);
    saw("ready", "live");
    watch.left();
    expect(told.at(-1)).toEqual(session({ seconds: 0 }));
    expect(told.at(-2)).toEqual({ kind: "reconnected", milliseconds: 0, ...(code !== undefined && { close_code: code }) });
  });

  it("counts a session that was lost and is not mended when the page goes away", () => {
    open();
    saw("reconnecting", "lost");
    watch.left();
    watch.left();
    expect(told).toEqual([CONNECTED, { kind: "session", transport: "websocket", seconds: 0, broken: true }]);
  });

  it.each([
    ["replaced", false],
    ["signed_out", false],
    ["too_large", false],
    ["fault", true],
  ] as const)("ends a session with %s, broken: %s", (reason, broken) => {
    open();
    saw("idle", reason, 4409);
    expect(told).toEqual([CONNECTED, session({ seconds: 0, broken, close_code: 4409 })]);
  });

  it("counts a fallback once, with its reason, however often the WebSocket is tried and SSE is in trouble meanwhile", () => {
    saw("connecting", "opening");
    saw("reconnecting", "lost");
    sawSse("fallback", "blocked");
    sawSse("reconnecting", "unreachable");
    sawSse("fallback", "blocked");
    watch.left();
    expect(told).toEqual([{ kind: "fallback", reason: "blocked" }]);
  });

  it("counts no session beside a fallback, and a new one when the WebSocket is back", () => {
    open();
    saw("reconnecting", "lost", 1011);
    sawSse("fallback", "busy");
    now += 1000;
    saw("ready", "live");
    now += 5000;
    saw("closed", "disconnected");
    expect(told).toEqual([CONNECTED, { kind: "fallback", reason: "busy" }, session({ seconds: 5 })]);
  });

  it("counts the next fallback when the WebSocket was back in between", () => {
    sawSse("fallback", "blocked");
    saw("ready", "live");
    sawSse("fallback", "lost");
    expect(told.filter(({ kind }) => kind === "fallback")).toHaveLength(2);
  });

  it("says nothing of SSE that was chosen", () => {
    sawSse("connecting", "opening");
    sawSse("ready", "chosen");
    sawSse("reconnecting", "offline");
    sawSse("closed", "disconnected");
    expect(told).toEqual([]);
  });
});
