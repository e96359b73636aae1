import { describe, expect, it } from "vitest";

import { EVENTS, STARTED } from "../testing/fakeRuns";
import { localError, parseMessage } from "./audioProtocol";

const parse = (message: unknown) => parseMessage(JSON.stringify(message));
const ERROR = { code: "no_speech", message: "Nothing.", retryable: false, retry_after: null, stage: "listening" };

describe("parseMessage", () => {
  it.each([undefined, 7, new ArrayBuffer(3), "", "no json", "null", "[]", "7", "{}", '{"type":7}'])("cannot read %j", (text) => {
    expect(parseMessage(text)).toEqual({ kind: "unreadable" });
  });

  it.each([STARTED, ...EVENTS])("takes $type as it is, with fields of newer servers", (body) => {
    const event = { ...body, request_id: "r", seq: 3, brand_new: true };
    expect(parse(event)).toEqual({ kind: "event", event });
  });

  it("takes what a server says about the connection", () => {
    const notice = { type: "pong", data: { sent_at: null } };
    expect(parse(notice)).toEqual({ kind: "notice", notice });
    expect(parse({ type: "error", data: ERROR })).toMatchObject({ kind: "notice" });
  });

  it.each([
    { type: "sung", request_id: "r", seq: 1, data: {} },
    { type: "sung", data: {} },
    { type: "ready", data: {} },
    { type: "progress", request_id: "r", seq: 1, data: { stage: "dreaming", fraction: 0.5 } },
    { type: "progress", request_id: "r", seq: -1, data: { stage: "listening", fraction: 0.5 } },
    { type: "partial", request_id: "r", seq: 1, data: { words: [{}], heard_seconds: 1 } },
    { type: "complete", request_id: 5, seq: 1, data: { timings: {} } },
  ])("passes over %j", (message) => {
    expect(parse(message)).toEqual({ kind: "ignored" });
  });

  it.each([
    { type: "analysis", request_id: "r", seq: 4, data: { words: [] } },
    { type: "complete", request_id: "r", seq: 4, data: { timings: { total: "soon" } } },
    { type: "cancelled", request_id: "r", seq: 4 },
    { type: "error", request_id: "r", seq: 4, data: { code: "no_speech" } },
  ])("makes an error of a result that cannot be read: $type", (message) => {
    expect(parse(message)).toEqual({ kind: "event", event: localError("r", 4, "unreadable_answer") });
  });

  it("takes an error that it has never heard of for an error", () => {
    const event = { type: "error", request_id: "r", seq: 4, data: { ...ERROR, code: "moon_is_full" } };
    expect(parse(event)).toEqual({ kind: "event", event: { ...event, data: { ...ERROR, code: "internal" } } });
  });

  it("is not led astray by names that objects inherit", () => {
    expect(parseMessage('{"type":"complete","request_id":"r","seq":0,"data":{"timings":{"__proto__":5}}}')).toMatchObject({
      kind: "event",
      event: { type: "complete" },
    });
    expect(parseMessage('{"type":"constructor","request_id":"r","seq":0,"data":{}}')).toEqual({ kind: "ignored" });
  });
});
