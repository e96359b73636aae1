import { describe, expect, it } from "vitest";

import { livePartsOf, readPartsOf, type Part } from "./sentenceParts";
import { extra, word } from "./testReadings";

const shown = (parts: readonly Part[]) =>
  parts.map((part) => (part.kind === "extra" ? `+${part.word.text}` : `${part.joined ? "_" : ""}${part.text}${part.word ? "!" : ""}`));

describe("livePartsOf", () => {
  it("lights the words that have been read, and counts no dash", () => {
    const parts = livePartsOf("Stop – said  Tom.", [{ index: 0, status: "correct" }, { index: 1, status: "omitted" }]);
    expect(parts.map((part) => part.kind === "word" && [part.text, part.live])).toEqual([
      ["Stop", "correct"],
      ["–", null],
      ["said", "omitted"],
      ["Tom.", null],
    ]);
  });
});

describe("readPartsOf", () => {
  it("keeps punctuation with its word", () => {
    expect(shown(readPartsOf('"Go," he said.', [word(0, "Go"), word(1, "he"), word(2, "said")]))).toEqual(['"Go,"!', "he!", "said.!"]);
  });

  it("puts extra words where they were said", () => {
    const words = [word(0, "The"), extra("big"), word(1, "cat"), extra("")];
    expect(shown(readPartsOf("The cat.", words))).toEqual(["The!", "+big", "cat.!", "+"]);
  });

  it("joins words that no space parts, and keeps what nobody reads", () => {
    const words = [word(0, "well"), word(1, "known"), word(2, "cat")];
    expect(shown(readPartsOf("well-known – cat 🙂", words))).toEqual(["well-!", "_known!", "–", "cat!", "🙂"]);
  });

  it("finds a word that is written twice in its own place", () => {
    const words = [word(0, "the"), word(1, "other"), word(2, "the")];
    expect(shown(readPartsOf("the other the", words))).toEqual(["the!", "other!", "the!"]);
  });
});
