import { describe, expect, it } from "vitest";

import { NOTHING_YET, type Analysis } from "../../hooks/analysisReducer";
import type { Advice, WordReading } from "../../services/audioProtocol";
import { localReport } from "../../services/listening/localReport";
import { endInWords, storyEnd, withReading, type StorySoFar } from "./storySoFar";
import { extra, word } from "./testReadings";

const EMPTY: StorySoFar = new Map();
const advice = (sound: string | null): Advice => ({ feedback: "", feedback_speech: "", next_sentence: "", focus_phoneme: sound, source: "coach" });

function reading(requestId: string, words: readonly WordReading[], sound: string | null = null): Analysis {
  return { ...NOTHING_YET, requestId, report: { ...localReport("", [], [], 1), words: [...words] }, advice: advice(sound) };
}

const THE_CAT = [word(0, "The"), word(1, "cat")];
const THE_HAT = [word(0, "The"), word(1, "hat", { status: "mispronounced" })];

describe("a story so far", () => {
  it("adds up what was read, and names the sound that came up most", () => {
    let soFar = withReading(EMPTY, 0, reading("a", THE_CAT));
    soFar = withReading(soFar, 1, reading("b", THE_HAT, "HH"));
    soFar = withReading(soFar, 2, reading("c", THE_HAT, "HH"));
    soFar = withReading(soFar, 3, reading("d", [...THE_CAT, extra("um")], "TH"));
    expect(storyEnd(soFar, 4)).toEqual({ isWhole: true, sentences: 4, flawless: 1, words: 8, right: 6, sound: "HH" });
  });

  it("knows nothing of a sentence that was not read, and hears of the advice later", () => {
    expect(withReading(EMPTY, 0, NOTHING_YET)).toBe(EMPTY);
    const heard = withReading(EMPTY, 0, { ...reading("a", THE_HAT), advice: null });
    expect(storyEnd(heard, 7)).toMatchObject({ isWhole: false, sound: null });
    expect(storyEnd(withReading(heard, 0, reading("a", THE_HAT, "HH")), 7).sound).toBe("HH");
  });

  it("keeps the best reading of a sentence", () => {
    const better = withReading(withReading(EMPTY, 0, reading("a", THE_HAT, "HH")), 0, reading("b", THE_CAT));
    expect(storyEnd(better, 1)).toMatchObject({ right: 2, sound: null });
    expect(withReading(better, 0, reading("c", THE_HAT, "HH"))).toBe(better);
  });

  it("names no sound that cannot be practised, and of two that came up as often the later one", () => {
    const soFar = withReading(withReading(EMPTY, 0, reading("a", THE_HAT, "HH")), 1, reading("b", THE_HAT, "TH"));
    expect(storyEnd(soFar, 2).sound).toBe("TH");
    expect(storyEnd(withReading(EMPTY, 0, reading("a", THE_HAT, "XX")), 1).sound).toBeNull();
  });
});

describe("how a story went, in words", () => {
  const end = { isWhole: true, sentences: 7, flawless: 2, words: 40, right: 36, sound: null };

  it("says what went well", () => {
    expect(endInWords(end)).toEqual(["You read all 7 sentences.", "36 of 40 words were right.", "In 2 sentences everything was right."]);
    expect(endInWords({ ...end, right: 40, flawless: 7 })).toEqual(["You read all 7 sentences.", "Every word was right."]);
    expect(endInWords({ ...end, isWhole: false, sentences: 1, words: 6, right: 5, flawless: 0 })).toEqual(["You read 1 sentence.", "5 of 6 words were right."]);
  });

  it("says nothing of numbers that are no joy", () => {
    expect(endInWords({ ...end, flawless: 0, right: 0 })).toEqual(["You read all 7 sentences."]);
    expect(endInWords(storyEnd(EMPTY, 7))).toEqual(["You have come to the last page."]);
  });
});
