import { describe, expect, it } from "vitest";

import { besideEachOther, localReport } from "./localReport";

const WORDS = [
  { text: "The", pronunciations: [["DH", "AH"], ["DH", "IY"]] },
  { text: "ship", pronunciations: [["SH", "IH", "P"]] },
  { text: "sat.", pronunciations: [["S", "AE", "T"]] },
];
const right = (index: number, phonemes: string) => ({ index, phonemes: phonemes.split(" "), asExpected: true });
const other = (index: number | null, phonemes: string) => ({ index, phonemes: phonemes.split(" "), asExpected: false });
const SENTENCE = "The ship sat.";

describe("localReport", () => {
  it("finds every word right", () => {
    const report = localReport(SENTENCE, WORDS, [right(0, "DH AH"), right(1, "SH IH P"), right(2, "S AE T")], 2);
    expect(report.words.map(({ index, text, status }) => [index, text, status])).toEqual([
      [0, "The", "correct"],
      [1, "ship", "correct"],
      [2, "sat.", "correct"],
    ]);
    expect(report.scores).toEqual({ accuracy: 100, completeness: 100, fluency: 0, phoneme_error_rate: 0, words_correct_per_minute: 90 });
    expect(report).toMatchObject({ sentence: SENTENCE, duration_seconds: 2, source: "client" });
  });

  it("tells what was heard instead, what was left out and what came in between", () => {
    const report = localReport(SENTENCE, WORDS, [other(1, "S IH P"), other(null, "B IH G")], 2);
    expect(report.words.map(({ index, status }) => [index, status])).toEqual([
      [0, "omitted"],
      [1, "mispronounced"],
      [null, "inserted"],
      [2, "omitted"],
    ]);
    expect(report.words[1]?.phonemes.map(({ expected, heard, status }) => [expected, heard, status])).toEqual([
      ["SH", "S", "substituted"],
      ["IH", "IH", "correct"],
      ["P", "P", "correct"],
    ]);
    expect(report.scores.accuracy).toBe(0);
    expect(report.scores.completeness).toBeCloseTo(100 / 3);
  });

  it("compares with the pronunciation that is nearest", () => {
    const report = localReport(SENTENCE, WORDS, [other(0, "D IY")], 1);
    expect(report.words[0]?.phonemes.map(({ expected }) => expected)).toEqual(["DH", "IY"]);
  });

  it("says nothing went wrong where nothing was to be read", () => {
    expect(localReport("", [], [], 0).scores).toMatchObject({ accuracy: 0, phoneme_error_rate: 0, words_correct_per_minute: 0 });
  });
});

const split = (sounds: string) => (sounds === "" ? [] : sounds.split(" "));

describe("besideEachOther", () => {
  it.each([
    ["K AE T", "K AE T", ["K=K", "AE=AE", "T=T"]],
    ["K AE T", "K AE", ["K=K", "AE=AE", "T="]],
    ["K AE T", "K L AE T", ["K=K", "=L", "AE=AE", "T=T"]],
    ["S T AA P", "T AA P", ["S=", "T=T", "AA=AA", "P=P"]],
    ["S T AA P", "S AO P", ["S=S", "T=", "AA=AO", "P=P"]],
    ["K AE T", "", ["K=", "AE=", "T="]],
  ])("puts %s beside %s", (expected, heard, pairs) => {
    expect(besideEachOther(split(expected), split(heard)).map((pair) => `${pair.expected ?? ""}=${pair.heard ?? ""}`)).toEqual(pairs);
  });
});
