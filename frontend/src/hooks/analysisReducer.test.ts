import { describe, expect, it } from "vitest";

import { analysisReducer, NOTHING_YET, type ReadingAction } from "./analysisReducer";

const after = (...actions: ReadingAction[]) => actions.reduce(analysisReducer, NOTHING_YET);

const words = [{ text: "ship", status: "mispronounced", hint: "" }] as const;
const WHOLE: ReadingAction[] = [
  { type: "sent" },
  { type: "processing_started" },
  { type: "progress", stage: "listening" },
  { type: "analysis", words },
  { type: "gpt_response", feedback: "Almost there.", nextSentence: "Next." },
  { type: "audio_feedback_file", data: "QQ==", mimetype: "audio/mpeg" },
  { type: "complete" },
];

describe("analysisReducer", () => {
  it("turns a whole reading into a result", () => {
    expect(after(...WHOLE)).toEqual({
      phase: "done",
      words,
      feedback: "Almost there.",
      nextSentence: "Next.",
      speech: { data: "QQ==", mimetype: "audio/mpeg" },
      trouble: "",
    });
  });

  it("keeps the words when the coach or the voice fails", () => {
    const result = after(...WHOLE.slice(0, 4), { type: "warning", message: "No advice." }, { type: "complete" });
    expect(result).toMatchObject({ phase: "done", words, trouble: "No advice." });
  });

  it.each<ReadingAction>([
    { type: "error", message: "No speech." },
    { type: "lost", message: "No speech." },
  ])("says what went wrong: $type", (end) => {
    expect(after({ type: "sent" }, end)).toMatchObject({ phase: "failed", trouble: "No speech." });
  });

  it("changes nothing after the end", () => {
    const late: ReadingAction[] = [{ type: "analysis", words: [] }, { type: "error", message: "late" }, { type: "cancelled" }];
    expect(after(...WHOLE, ...late)).toEqual(after(...WHOLE));
  });

  it("begins anew with every reading", () => {
    expect(after(...WHOLE, { type: "sent" })).toEqual({ ...NOTHING_YET, phase: "listening" });
    expect(after(...WHOLE, { type: "reset" })).toEqual(NOTHING_YET);
  });
});
