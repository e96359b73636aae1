import { describe, expect, it } from "vitest";

import { parseEvent } from "./simpleEvents";

const sound = (status: string, expected: string | null, heard: string | null) => ({
  status,
  expected_ipa: expected,
  heard_ipa: heard,
});

function analysis(...words: unknown[]) {
  return parseEvent(JSON.stringify({ type: "analysis", request_id: "r", seq: 1, data: { words } }));
}

describe("parseEvent", () => {
  it.each(["", "no json", "null", "[]", "7", "{}", '{"type":"brand_new","data":{}}'])("passes over %j", (text) => {
    expect(parseEvent(text)).toBeUndefined();
  });

  it("reads words and the first sound that was different", () => {
    const phonemes = [sound("correct", "ɪ", "ɪ"), sound("substituted", "ʃ", "s"), sound("omitted", "p", null)];
    expect(analysis({ text: "ship", status: "mispronounced", phonemes })).toEqual({
      type: "analysis",
      words: [{ text: "ship", status: "mispronounced", hint: "/ʃ/, heard /s/" }],
    });
  });

  it("says which sound was missing", () => {
    const event = analysis({ text: "cat", status: "mispronounced", phonemes: [sound("omitted", "t", null)] });
    expect(event).toMatchObject({ words: [{ hint: "/t/ missing" }] });
  });

  it("never takes what it does not know for a mistake", () => {
    expect(analysis({ text: "cat", status: "sung" }, null, 5)).toEqual({
      type: "analysis",
      words: [
        { text: "cat", status: "unsure", hint: "" },
        { text: "", status: "unsure", hint: "" },
        { text: "", status: "unsure", hint: "" },
      ],
    });
  });

  it("survives missing and mistyped data", () => {
    expect(parseEvent('{"type":"gpt_response","data":{"feedback":5}}')).toEqual({
      type: "gpt_response",
      feedback: "",
      nextSentence: "",
    });
    expect(parseEvent('{"type":"analysis"}')).toEqual({ type: "analysis", words: [] });
  });
});
