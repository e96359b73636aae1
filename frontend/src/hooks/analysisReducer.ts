import type { Advice, AudioEvent, ErrorData, PartialWord, ReadingReport, SpeechData } from "../services/audioProtocol";

/** What the screen knows about one reading. */
export type Analysis = {
  /**
   * idle: nothing was read yet. receiving: it is being read aloud. listening: it is read, and nothing is known yet.
   * heard: the words are known, advice and voice are on their way. The others are ends.
   */
  readonly phase: "idle" | "receiving" | "listening" | "heard" | "done" | "failed" | "cancelled";
  readonly requestId: string | null;
  /** Words that have been read so far. */
  readonly partial: readonly PartialWord[];
  readonly report: ReadingReport | null;
  readonly advice: Advice | null;
  readonly speech: SpeechData | null;
  /** What is missing from a result that is there. */
  readonly warnings: readonly string[];
  readonly problem: ErrorData | null;
};

export type AnalysisAction =
  | { readonly type: "begun"; readonly requestId: string; readonly live: boolean }
  | { readonly type: "recorded" }
  | { readonly type: "forgotten" }
  /** This browser has listened, and there is nobody else to ask. */
  | { readonly type: "heardHere"; readonly requestId: string; readonly report: ReadingReport }
  | { readonly type: "told"; readonly event: AudioEvent };

export const NOTHING_YET: Analysis = {
  phase: "idle",
  requestId: null,
  partial: [],
  report: null,
  advice: null,
  speech: null,
  warnings: [],
  problem: null,
};

/** Pure. Events of other readings, and whatever comes after the end of this one, change nothing. */
export function analysisReducer(analysis: Analysis, action: AnalysisAction): Analysis {
  switch (action.type) {
    case "begun":
      return { ...NOTHING_YET, requestId: action.requestId, phase: action.live ? "receiving" : "listening" };
    case "recorded":
      return analysis.phase === "receiving" ? { ...analysis, phase: "listening" } : analysis;
    case "forgotten":
      return NOTHING_YET;
    case "heardHere":
      return { ...NOTHING_YET, phase: "done", requestId: action.requestId, report: action.report };
    case "told":
      return isAbout(analysis, action.event) ? told(analysis, action.event) : analysis;
  }
}

/** Whether somebody still works on it. */
export function isUnderWay({ phase }: Analysis): boolean {
  return phase === "receiving" || phase === "listening" || phase === "heard";
}

function isAbout(analysis: Analysis, event: AudioEvent): boolean {
  return event.request_id === analysis.requestId && isUnderWay(analysis);
}

function told(analysis: Analysis, event: AudioEvent): Analysis {
  switch (event.type) {
    case "processing_started":
    case "progress":
      return analysis;
    case "partial":
      return { ...analysis, partial: event.data.words };
    case "analysis":
      return { ...analysis, phase: "heard", report: event.data };
    case "gpt_response":
      return { ...analysis, advice: event.data };
    case "audio_feedback_file":
      return { ...analysis, speech: event.data };
    case "warning":
      return { ...analysis, warnings: [...analysis.warnings, event.data.message] };
    case "complete":
      return { ...analysis, phase: "done" };
    case "error":
      return { ...analysis, phase: "failed", problem: event.data };
    case "cancelled":
      return { ...analysis, phase: "cancelled" };
  }
}
