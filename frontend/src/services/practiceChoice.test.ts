import { describe, expect, it } from "vitest";

import { choiceFrom, namedChoice, practiceAddress, type PracticeChoice } from "./practiceChoice";

describe("the address of the practice page", () => {
  it.each<[PracticeChoice, string]>([
    [{}, "/practice"],
    [{ sound: "SH" }, "/practice?sound=SH"],
    [{ level: 2 }, "/practice?level=2"],
    [{ text: "Jam & bread?" }, "/practice?text=Jam+%26+bread%3F"],
  ])("of %o is %s, and back", (choice, address) => {
    expect(practiceAddress(choice)).toBe(address);
    expect(choiceFrom(new URLSearchParams(address.split("?")[1] ?? ""))).toEqual(choice);
  });

  it.each(["sound=shh", "sound=%2F", "level=9", "level=two", "level=1.5", "text=+", "level="])("with %s asks for nothing", (query) => {
    expect(choiceFrom(new URLSearchParams(query))).toEqual({});
  });
});

describe("the last choice", () => {
  it("comes back with its name", () => {
    const named = { choice: { sound: "SH" }, name: "the /sh/ sound" };
    expect(namedChoice(JSON.stringify(named))).toEqual(named);
  });

  it.each([null, "", "{", '{"choice":{}}'])("is none when it cannot be read: %s", (stored) => {
    expect(namedChoice(stored)).toBeNull();
  });
});
