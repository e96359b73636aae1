import { describe, expect, it } from "vitest";

import { chosenIn, nameOf, placeInWords, sentencesIn } from "./chosen";

const chosen = (query: string) => chosenIn(new URLSearchParams(query));

describe("chosenIn", () => {
  it("reads what somebody chose", () => {
    expect(chosen("sound=sh&level=2")).toEqual({ sound: "SH", level: 2, story: undefined, own: [], start: 0 });
    expect(chosen("text=Hi.")).toEqual({ sound: undefined, level: undefined, story: undefined, own: ["Hi."], start: 0 });
    expect(chosen("story=red-hat&at=3")).toEqual({ sound: undefined, level: undefined, story: "red-hat", own: [], start: 2 });
  });

  it("leaves out what cannot be practised", () => {
    expect(chosen("sound=QQ&level=9&text=...")).toEqual({ sound: undefined, level: undefined, story: undefined, own: [], start: 0 });
  });

  it("has a name for it", () => {
    expect(["sound=AE", "level=3", "text=Hi.", ""].map((query) => nameOf(chosen(query), undefined))).toEqual([
      "The short a",
      "Level 3",
      "Your own words",
      "Reading",
    ]);
    expect([nameOf(chosen("story=red-hat"), "The Red Hat"), nameOf(chosen("story=red-hat"), undefined)]).toEqual(["The Red Hat", "A story"]);
  });
});

describe("sentencesIn", () => {
  it("cuts a text where sentences end", () => {
    expect(sentencesIn("The cat sat. “Why?” I asked!\nNo answer")).toEqual(["The cat sat.", "“Why?”", "I asked!", "No answer"]);
  });

  it("keeps nothing that cannot be read", () => {
    expect(sentencesIn(" … \n -- ")).toEqual([]);
  });
});

describe("placeInWords", () => {
  it("counts to ten, then on; in one's own text, around", () => {
    expect([placeInWords(2, null), placeInWords(10, null), placeInWords(0, 1), placeInWords(4, 3)]).toEqual(["3 of 10", "sentence 11", "1 of 1", "2 of 3"]);
  });
});
