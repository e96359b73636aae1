import { describe, expect, it } from "vitest";

import { loudness, measured, qualityOf, remembered, UNHEARD, type Moment } from "./loudness";

const moment = (more: Partial<Moment>): Moment => ({
  decibels: -25,
  peak: 0.2,
  isVoice: true,
  hasVoice: true,
  floor: -60,
  at: 1000,
  sinceMs: 50,
  ...more,
});
const level = (decibels: number) => loudness(UNHEARD, moment({ decibels })).level;
const word = (more: Partial<Moment>) => loudness(remembered(UNHEARD, moment(more)), moment(more)).word;

describe("measured", () => {
  it("measures full scale as 0 dB and silence as very little", () => {
    expect(measured(Float32Array.of(1, -1, 1, -1))).toEqual({ decibels: 0, peak: 1 });
    expect(measured(new Float32Array(8))).toEqual({ decibels: -90, peak: 0 });
    expect(measured(new Float32Array(0)).decibels).toBe(-90);
  });
});

describe("loudness", () => {
  it("says what to do about it", () => {
    expect(word({})).toBe("good");
    expect(word({ decibels: -45 })).toBe("quiet");
    expect(word({ peak: 1 })).toBe("loud");
    expect(word({ floor: -30 })).toBe("noisy");
    expect(word({ isVoice: false, hasVoice: false })).toBe("waiting");
  });

  it("fills the meter from a whisper to a shout", () => {
    expect([level(-90), level(-33), level(0)]).toEqual([0, 0.5, 1]);
  });

  it("does not flicker between words", () => {
    const spoken = remembered(UNHEARD, moment({}));
    const pause = moment({ decibels: -60, isVoice: false, sinceMs: 500 });
    expect(loudness(remembered(spoken, pause), pause).word).toBe("good");
  });
});

describe("qualityOf", () => {
  it.each([
    [-20, -60, "good"],
    [-42, -60, "quiet"],
    [-20, -31, "noisy"],
  ])("of a take with %d dB at most over a room of %d dB is %s", (loudest, floor, quality) => {
    expect(qualityOf(loudest, floor)).toBe(quality);
  });
});
