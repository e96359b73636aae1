import { describe, expect, it } from "vitest";

import { TestClock } from "../testing/testEnvironment";
import { localError, type AudioEvent, type ErrorCode, type TerminalEvent } from "./audioProtocol";
import { Listeners } from "./listeners";
import { localReport } from "./listening/localReport";
import { isToBeKept, Undelivered } from "./undelivered";

function errorOf(requestId: string, code: ErrorCode, retryable = true): TerminalEvent {
  const event = localError(requestId, 0, "disconnected");
  return { ...event, data: { ...event.data, code, retryable } };
}

const COMPLETE: TerminalEvent = { type: "complete", request_id: "a", seq: 9, data: { timings: {} } };
const HEARD: AudioEvent = { type: "analysis", request_id: "a", seq: 2, data: localReport("Hi.", [], [], 1) };

/** One reading, `a`, that is followed. */
function opened() {
  const clock = new TestClock();
  const events = new Listeners<AudioEvent>();
  const kept: string[] = [];
  const page = { isShown: true };
  const undelivered = new Undelivered({ onEvent: (callback) => events.add(callback) }, { after: clock.after.bind(clock) });
  const stop = undelivered.start();
  undelivered.follow("a", { isShown: () => page.isShown, keep: () => { kept.push("a"); } });
  return { clock, tell: events.tell.bind(events), kept, page, undelivered, stop };
}

describe("whether a reading is put aside", () => {
  it.each<readonly [ErrorCode, boolean, boolean]>([
    ["connection_failed", true, true],
    ["unauthorized", true, true],
    ["overloaded", false, true],
    ["internal", false, true],
    ["replaced", false, true],
    ["no_speech", false, false],
    ["audio_too_long", false, false],
    ["disconnected", false, false],
  ])("%s: on the screen %s, unseen %s", (code, shown, unseen) => {
    expect([isToBeKept(errorOf("a", code), true), isToBeKept(errorOf("a", code), false)]).toEqual([shown, unseen]);
  });

  it("is not asked of one that got there, or that nobody wants", () => {
    expect(isToBeKept(COMPLETE, false)).toBe(false);
    expect(isToBeKept({ type: "cancelled", request_id: "a", seq: 1, data: { stage: "listening" } }, false)).toBe(false);
  });
});

describe("readings on their way", () => {
  it("are put aside when they fail, also after their page was left", () => {
    const { tell, kept, page, clock } = opened();
    page.isShown = false;
    tell(errorOf("b", "connection_failed")); // somebody else's
    expect(kept).toEqual([]);
    tell(errorOf("a", "connection_failed"));
    tell(errorOf("a", "connection_failed"));
    expect(kept).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  it("are left to a reader who sees that they failed, until they are left", () => {
    const { tell, kept, page, clock, undelivered } = opened();
    tell(errorOf("a", "overloaded"));
    clock.advance(30_000);
    expect(kept).toEqual([]); // "Send again" is on the screen
    undelivered.follow("a", { isShown: () => page.isShown, keep: () => { kept.push("again"); } });
    tell(errorOf("a", "overloaded"));
    page.isShown = false;
    clock.advance(12_000);
    expect(kept).toEqual(["again"]);
    expect(clock.pending).toBe(0);
  });

  it("are let go of when they fail for good before their reader's eyes", () => {
    const { tell, kept, page, clock } = opened();
    tell(errorOf("a", "internal", false));
    page.isShown = false;
    clock.advance(60_000);
    expect(kept).toEqual([]);
  });

  it("are let go of when they get there", () => {
    const { tell, kept, page, clock } = opened();
    page.isShown = false;
    tell(HEARD);
    clock.advance(60_000);
    tell(COMPLETE);
    tell(errorOf("a", "connection_failed"));
    expect(kept).toEqual([]);
  });

  it("are put aside in good time when nobody sees them and nobody answers", () => {
    const { kept, page, clock, tell } = opened();
    clock.advance(30_000);
    expect(kept).toEqual([]); // the page tells of it
    page.isShown = false;
    clock.advance(12_000);
    expect(kept).toEqual(["a"]);
    tell(errorOf("a", "connection_failed"));
    expect(kept).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  it("are forgotten with their reader, and when nobody follows them any more", () => {
    const { undelivered, tell, kept, page, clock, stop } = opened();
    page.isShown = false;
    undelivered.forget();
    tell(errorOf("a", "connection_failed"));
    undelivered.follow("a", { isShown: () => false, keep: () => { kept.push("a"); } });
    stop();
    tell(errorOf("a", "connection_failed"));
    clock.advance(60_000);
    expect(kept).toEqual([]);
  });
});
