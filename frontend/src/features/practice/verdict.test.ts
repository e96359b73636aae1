import { describe, expect, it } from "vitest";

import { columnsOf } from "./soundColumns";
import { extra, sound, word } from "./testReadings";
import { focusOf, spokenSummary, spokenVerdict } from "./verdict";

const SHIP_AS_SIP = word(0, "ship", { status: "mispronounced", phonemes: [sound("SH", "S"), sound("IH"), sound("P")] });

describe("spokenVerdict", () => {
  it.each([
    [word(0, "cat"), "cat, right"],
    [SHIP_AS_SIP, "ship, heard ‘sip’: the first sound"],
    [word(0, "cat", { status: "mispronounced", phonemes: [sound("K"), sound("AE"), sound("T", null)] }), "cat, heard ‘ka’: the last sound"],
    [word(0, "dog", { status: "mispronounced", phonemes: [sound("D", "SH"), sound("AO", "IH"), sound("G", "P")] }), "dog, heard ‘ship’"],
    [word(0, "cat", { status: "mispronounced" }), "cat, not quite"],
    [word(0, "the", { status: "omitted" }), "the, skipped"],
    [extra(""), "extra word"],
    [extra("big"), "extra word: big"],
    [word(0, "the", { status: "unsure" }), "the, try this one again"],
  ])("tells the verdict %#", (reading, spoken) => {
    expect(spokenVerdict(reading)).toBe(spoken);
  });
});

describe("spokenSummary", () => {
  it("counts the words of the sentence, not the extra ones", () => {
    expect(spokenSummary([word(0, "a"), extra("b"), word(1, "c")])).toBe("Every word was right.");
    expect(spokenSummary([word(0, "a"), SHIP_AS_SIP])).toBe("1 of 2 words right.");
  });
});

describe("columnsOf", () => {
  it("puts expected sounds above heard ones, in IPA and in letters", () => {
    expect(columnsOf([sound("SH", "S"), sound("IH"), sound(null, "K"), sound("P", null)])).toMatchObject([
      { expected: { ipa: "ʃ", friendly: "sh" }, heard: { ipa: "s", friendly: "s" }, mark: "~", spoken: "the /sh/ sound, heard the /s/ sound" },
      { mark: "✓", spoken: "the short i, right" },
      { expected: null, heard: { ipa: "k" }, mark: "+", spoken: "an extra sound, the /k/ sound" },
      { heard: null, mark: "…", spoken: "the /p/ sound, not heard" },
    ]);
  });

  it("shows a sound that it does not know by its name", () => {
    expect(columnsOf([{ ...sound("Q"), expected_ipa: null }])[0]?.expected).toEqual({ arpabet: "Q", ipa: "Q", friendly: "q" });
  });
});

describe("focusOf", () => {
  it("is the first sound that went wrong", () => {
    expect(focusOf(SHIP_AS_SIP.phonemes)).toBe("SH");
    expect(focusOf([sound("K"), sound(null, "T")])).toBeNull();
  });
});
