import { describe, expect, it } from "vitest";

import { analysisReducer, isUnderWay, NOTHING_YET, type AnalysisAction } from "./analysisReducer";
import type { AudioEvent, ReadingReport } from "../services/audioProtocol";

const REPORT: ReadingReport = {
  schema_version: 1,
  sentence: "The cat.",
  duration_seconds: 1.2,
  alphabet: "arpabet",
  scores: { accuracy: 100, completeness: 100, fluency: 100, phoneme_error_rate: 0, words_correct_per_minute: 90 },
  words: [],
  problems: { focus_phoneme: null, by_phoneme: {}, by_group: {} },
  source: "server",
  recognizer: { name: "r", version: "1" },
};
const ADVICE = { feedback: "Well read.", feedback_speech: "Well read.", next_sentence: "Next.", focus_phoneme: null, source: "coach" } as const;
const SPEECH = { data: "QQ==", filename: "a.mp3", mimetype: "audio/mpeg" };
const PROBLEM = { code: "no_speech", message: "Nothing was read.", retryable: false, retry_after: null, stage: "listening" } as const;

type Told<E extends AudioEvent = AudioEvent> = E extends AudioEvent ? Pick<E, "type" | "data"> : never;
const told = (event: Told, request_id = "r") => ({ type: "told", event: { ...event, request_id, seq: 0 } as AudioEvent }) as const;
const HERE = { type: "heardHere", requestId: "kept", report: REPORT } as const;
const after = (...actions: AnalysisAction[]) => actions.reduce(analysisReducer, NOTHING_YET);

const BEGUN = { type: "begun", requestId: "r", live: true } as const;
const WHOLE: AnalysisAction[] = [
  BEGUN,
  told({ type: "processing_started", data: { received_bytes: 0, mode: "server" } }),
  told({ type: "partial", data: { words: [{ index: 0, status: "correct" }], heard_seconds: 0.5 } }),
  { type: "recorded" },
  told({ type: "progress", data: { stage: "listening", fraction: 0.3 } }),
  told({ type: "analysis", data: REPORT }),
  told({ type: "gpt_response", data: ADVICE }),
  told({ type: "audio_feedback_file", data: SPEECH }),
  told({ type: "complete", data: { timings: { total: 120 } } }),
];

describe("analysisReducer", () => {
  it("goes from reading to listening to heard to done", () => {
    const phases = WHOLE.map((_, count) => after(...WHOLE.slice(0, count + 1)).phase);
    expect(phases.join(" ")).toBe("receiving receiving receiving listening listening heard heard heard done");
  });

  it("has everything at the end", () => {
    expect(after(...WHOLE)).toMatchObject({ report: REPORT, advice: ADVICE, speech: SPEECH, warnings: [], problem: null });
  });

  it("has the words before coach and voice say anything", () => {
    const heard = after(...WHOLE.slice(0, 6));
    expect(heard).toMatchObject({ phase: "heard", report: REPORT, advice: null });
    expect(isUnderWay(heard)).toBe(true);
  });

  it("knows which words are read while they are read", () => {
    expect(after(...WHOLE.slice(0, 3)).partial).toEqual([{ index: 0, status: "correct" }]);
  });

  it("keeps the words when the coach fails", () => {
    const warning = told({ type: "warning", data: { code: "coach_failed", message: "No advice.", stage: "coaching" } });
    const complete = told({ type: "complete", data: { timings: {} } });
    expect(after(...WHOLE.slice(0, 6), warning, complete)).toMatchObject({ phase: "done", report: REPORT, warnings: ["No advice."] });
  });

  it("says what went wrong, and keeps what is known", () => {
    const failed = after(...WHOLE.slice(0, 6), told({ type: "error", data: PROBLEM }));
    expect(failed).toMatchObject({ phase: "failed", problem: PROBLEM, report: REPORT });
    expect(isUnderWay(failed)).toBe(false);
  });

  it("changes nothing after the end, or for another reading", () => {
    const done = after(...WHOLE);
    expect(analysisReducer(done, told({ type: "error", data: PROBLEM }))).toBe(done);
    const begun = after(BEGUN);
    expect(analysisReducer(begun, told({ type: "error", data: PROBLEM }, "other"))).toBe(begun);
  });

  it("shows what was heard here, as something that has ended", () => {
    const here = after(...WHOLE, HERE);
    expect(here).toEqual({ ...NOTHING_YET, phase: "done", requestId: "kept", report: REPORT });
    expect(analysisReducer(here, told({ type: "analysis", data: REPORT }, "kept"))).toBe(here);
  });

  it("begins anew with every reading, and forgets on request", () => {
    expect(after(...WHOLE, { type: "begun", requestId: "s", live: false })).toEqual({ ...NOTHING_YET, phase: "listening", requestId: "s" });
    expect(after(...WHOLE, { type: "forgotten" })).toEqual(NOTHING_YET);
    expect(after(BEGUN, told({ type: "cancelled", data: { stage: "receiving" } })).phase).toBe("cancelled");
  });
});
