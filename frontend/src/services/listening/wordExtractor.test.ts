import { describe, expect, it } from "vitest";

import { BLANK, CLASSES, PHONEMES, withAccents } from "./phonemes";
import type { Posteriors } from "./posteriors";
import { clientHearing, heardWords } from "./wordExtractor";

const WORDS = [
  { text: "The", pronunciations: [["DH", "AH"], ["DH", "IY"]] },
  { text: "cat", pronunciations: [["K", "AE", "T"]] },
  { text: "sat", pronunciations: [["S", "AE", "T"]] },
];

/** Frames that say these phonemes, a blank around each; `"P/B"`: P is hardly likelier than B. */
function saying(phonemes: string): Posteriors {
  const labels = ["", ...phonemes.split(" ").flatMap((phoneme) => [phoneme, ""])];
  const logProbs = new Float32Array(labels.length * CLASSES).fill(Math.log(0.01 / CLASSES));
  labels.forEach((label, frame) => {
    const names = label.split("/");
    names.forEach((name, place) => {
      const found = name === "" ? BLANK : PHONEMES.indexOf(name) + 1;
      logProbs[frame * CLASSES + found] = Math.log(names.length === 1 ? 0.99 : place === 0 ? 0.55 : 0.44);
    });
  });
  return { logProbs, frames: labels.length };
}

function heard(phonemes: string): readonly string[] {
  return clientHearing(heardWords(saying(phonemes), WORDS), WORDS).clientWords;
}

describe("what was read", () => {
  it.each([
    ["as written", "DH AH K AE T S AE T", ["The", "cat", "sat"]],
    ["in another accepted way", "DH IY K AE T S AE T", ["The", "cat", "sat"]],
    ["with a sound that counts as the same", "DH IH K AE T S AE T", ["The", "cat", "sat"]],
    ["one sound replaced", "DH AH K AE P S AE T", ["The", "k-ae-p", "sat"]],
    ["one sound left out", "DH AH K AE S AE T", ["The", "k-ae", "sat"]],
    ["one sound more", "DH AH K L AE T S AE T", ["The", "k-l-ae-t", "sat"]],
    ["a word left out", "DH AH S AE T", ["The", "sat"]],
    ["a word more", "DH AH B IH G K AE T S AE T", ["The", "b-ih-g", "cat", "sat"]],
    ["one sound in doubt", "DH AH K AE P/T S AE T", ["The", "cat", "sat"]],
  ])("is told when it was %s", (_, said, words) => {
    expect(heard(said)).toEqual(words);
  });

  it("has phonemes for each word", () => {
    const { clientPhonemes } = clientHearing(heardWords(saying("DH AH K AE P S AE T"), WORDS), WORDS);
    expect(clientPhonemes).toEqual([["DH", "AH"], ["K", "AE", "P"], ["S", "AE", "T"]]);
  });
});

describe("withAccents", () => {
  it.each([
    ["P AA R K", "P AA K"],
    ["L IH T AH L", "L IH D AH L"],
  ])("accepts %s also as %s", (usual, accent) => {
    expect(withAccents([usual.split(" ")]).map((one) => one.join(" "))).toEqual([usual, accent]);
  });
});
