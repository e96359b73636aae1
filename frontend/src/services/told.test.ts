import { describe, expect, it } from "vitest";

import type { AudioEvent } from "./audioProtocol";
import { Told } from "./told";

const progress = (seq: number, fraction: number): AudioEvent => ({
  type: "progress",
  request_id: "r",
  seq,
  data: { stage: "listening", fraction },
});
const partial = (seq: number, heard_seconds: number): AudioEvent => ({
  type: "partial",
  request_id: "r",
  seq,
  data: { words: [{ index: 0, status: "correct" }], heard_seconds },
});
const complete = (seq: number): AudioEvent => ({ type: "complete", request_id: "r", seq, data: { timings: {} } });

describe("Told", () => {
  it("passes everything on, once", () => {
    const told = new Told();
    expect(told.news(progress(0, 0.1))?.seq).toBe(0);
    expect(told.news(progress(0, 0.1))).toBeUndefined();
    expect(told.news(partial(1, 0.5))?.seq).toBe(1);
    expect(told.news(complete(2))?.seq).toBe(2);
  });

  it("lets seq rise when a second run tells other steps", () => {
    const told = new Told();
    for (const seq of [0, 1, 2]) told.news(progress(seq, seq / 10));
    expect(told.news(progress(0, 0.1))).toBeUndefined();
    expect(told.news(progress(1, 0.9))?.seq).toBe(3);
    expect(told.news(complete(2))?.seq).toBe(4);
  });

  it("keeps the gaps that a server leaves", () => {
    const told = new Told();
    told.news(progress(0, 0.1));
    expect(told.news(progress(7, 0.2))?.seq).toBe(7);
    expect(told.nextSeq).toBe(8);
  });

  it("passes over words of a second run that has heard less", () => {
    const told = new Told();
    told.news(partial(1, 2));
    expect(told.news(partial(1, 1))).toBeUndefined();
    expect(told.news(partial(2, 3))).toBeDefined();
  });
});
