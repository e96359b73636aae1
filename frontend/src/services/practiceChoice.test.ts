import { describe, expect, it } from "vitest";

import { choiceFrom, namedChoice, practiceAddress, type PracticeChoice } from "./practiceChoice";

describe("the address of the practice page", () => {
  it.each<[PracticeChoice, string]>([
    [{}, "/practice"],
    [{ sound: "SH" }, "/practice?sound=SH"],
    [{ level: 2 }, "/practice?level=2"],
    [{ text: "Jam & bread?" }, "/practice?text=Jam+%26+bread%3F"],
    [{ story: "red-hat" }, "/practice?story=red-hat"],
    [{ story: "red-hat", at: 3 }, "/practice?story=red-hat&at=3"],
  ])("of %o is %s, and back", (choice, address) => {
    expect(practiceAddress(choice)).toBe(address);
    expect(choiceFrom(new URLSearchParams(address.split("?")[1] ?? ""))).toEqual(choice);
  });

  it.each(["sound=shh", "sound=%2F", "level=9", "level=two", "level=1.5", "text=+", "level=", "story=Red%20Hat", "at=0", "at=1", "at=2.5"])("with %s asks for nothing", (query) => {
    expect(choiceFrom(new URLSearchParams(query))).toEqual({});
  });
});

describe("the last choice", () => {
  it("comes back with its name", () => {
    const named = { choice: { story: "red-hat", at: 3 }, name: "The Red Hat" };
    expect(namedChoice(JSON.stringify(named))).toEqual(named);
  });

  it.each([null, "", "{", '{"choice":{}}'])("is none when it cannot be read: %s", (stored) => {
    expect(namedChoice(stored)).toBeNull();
  });
});
