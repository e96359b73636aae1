import { beforeEach, describe, expect, it } from "vitest";

import { localError, type AudioEvent, type GivenUp } from "../audioProtocol";
import { EVENTS, STARTED, errorBody, type Body } from "../../testing/fakeRuns";
import type { TransportName } from "../transportStatus";
import { MAX_MILLISECONDS, type Measurement } from "./measurement";
import { ReadingWatch } from "./readingWatch";

const [, ANALYSIS] = EVENTS;
const COMPLETE: Body = { type: "complete", data: { timings: {} } };

describe("ReadingWatch", () => {
  let now: number;
  let stage: number;
  let transport: TransportName;
  let online: boolean;
  let told: Measurement[];
  let stages: number[];
  let watch: ReadingWatch;

  const happened = (requestId: string, body: Body | undefined) => {
    watch.happened({ ...body, request_id: requestId, seq: 0 } as AudioEvent);
  };
  const begin = (requestId: string) => { watch.stepped({ requestId, step: "begun" }); };
  const recorded = (requestId: string) => { watch.stepped({ requestId, step: "recorded" }); };
  const fail = (requestId: string, code: GivenUp) => { watch.happened(localError(requestId, 0, code)); };

  beforeEach(() => {
    now = 0;
    stage = 3;
    transport = "websocket";
    online = true;
    told = [];
    stages = [];
    watch = new ReadingWatch({
      now: () => now,
      stage: () => stage,
      transport: () => transport,
      isOnline: () => online,
      measured: (measurement, of) => {
        told.push(measurement);
        stages.push(of);
      },
    });
  });

  it("measures a recording over the WebSocket: its first event from its beginning, its words from its end", () => {
    begin("a");
    now = 30;
    happened("a", STARTED);
    now = 4000;
    recorded("a");
    now = 4120;
    happened("a", ANALYSIS);
    now = 5000;
    happened("a", COMPLETE);
    expect(told).toEqual([
      { kind: "reading", transport: "websocket", later: false, outcome: "complete", first_event_ms: 30, words_ms: 120 },
    ]);
  });

  it("measures a recording over SSE from its end, before which nothing is sent", () => {
    transport = "sse";
    begin("a");
    now = 4000;
    recorded("a");
    now = 4200;
    happened("a", STARTED);
    now = 4300;
    happened("a", ANALYSIS);
    happened("a", COMPLETE);
    expect(told).toMatchObject([{ transport: "sse", first_event_ms: 200, words_ms: 300 }]);
  });

  it("tells the first reading from later ones", () => {
    for (const id of ["a", "b"]) {
      begin(id);
      recorded(id);
      happened(id, COMPLETE);
    }
    expect(told).toMatchObject([{ later: false }, { later: true }]);
  });

  it("belongs to the way and the stage at which it was handed in, also when another brings it to its end", () => {
    begin("a");
    transport = "sse";
    stage = 4;
    recorded("a");
    happened("a", COMPLETE);
    expect(told).toMatchObject([{ transport: "websocket" }]);
    expect(stages).toEqual([3]);
  });

  it("tells how a reading failed, and that something came before", () => {
    begin("a");
    recorded("a");
    now = 40;
    happened("a", errorBody("no_speech", false));
    expect(told).toMatchObject([{ outcome: "failed", code: "no_speech", first_event_ms: 40 }]);
  });

  it("tells of no first event when it was this side that gave up", () => {
    begin("a");
    recorded("a");
    fail("a", "connection_failed");
    expect(told).toEqual([{ kind: "reading", transport: "websocket", later: false, outcome: "failed", code: "connection_failed" }]);
  });

  it("says nothing of a reading that a device without a network gave up", () => {
    online = false;
    begin("a");
    recorded("a");
    fail("a", "connection_failed");
    expect(told).toEqual([]);
  });

  it("tells of a cancelled reading as that", () => {
    begin("a");
    happened("a", { type: "cancelled", data: { stage: "receiving" } });
    expect(told).toEqual([{ kind: "reading", transport: "websocket", later: false, outcome: "cancelled" }]);
  });

  it("leaves out times in which the device slept", () => {
    begin("a");
    recorded("a");
    now = MAX_MILLISECONDS + 1;
    happened("a", STARTED);
    happened("a", ANALYSIS);
    happened("a", COMPLETE);
    expect(told).toEqual([{ kind: "reading", transport: "websocket", later: false, outcome: "complete" }]);
  });

  it("counts a reading once, though it is handed in again while it is under way and told of after its end", () => {
    begin("a");
    recorded("a");
    begin("a");
    recorded("a");
    happened("a", COMPLETE);
    happened("a", COMPLETE);
    happened("never begun", COMPLETE);
    expect(told).toHaveLength(1);
  });
});
