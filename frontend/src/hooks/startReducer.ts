import type { HeardWord, ReadingEvent } from "../services/audioProtocol";

export type Speech = { readonly data: string; readonly mimetype: string };

/** What the screen knows about one reading. */
export type Reading = {
  readonly phase: "idle" | "listening" | "done" | "failed";
  readonly words: readonly HeardWord[];
  readonly feedback: string;
  readonly nextSentence: string;
  readonly speech: Speech | null;
  /** What went wrong, or what is missing from a result that is there; empty when all is well. */
  readonly trouble: string;
};

export type ReadingAction =
  | { readonly type: "sent" }
  | { readonly type: "reset" }
  | { readonly type: "lost"; readonly message: string }
  | ReadingEvent;

export const NOTHING_YET: Reading = {
  phase: "idle",
  words: [],
  feedback: "",
  nextSentence: "",
  speech: null,
  trouble: "",
};

/** Pure. Whatever comes after the end of a reading changes nothing. */
export function analysisReducer(reading: Reading, action: ReadingAction): Reading {
  if (action.type === "reset") return NOTHING_YET;
  if (action.type === "sent") return { ...NOTHING_YET, phase: "listening" };
  if (reading.phase !== "listening") return reading;
  switch (action.type) {
    case "analysis":
      return { ...reading, words: action.words };
    case "gpt_response":
      return { ...reading, feedback: action.feedback, nextSentence: action.nextSentence };
    case "audio_feedback_file":
      return { ...reading, speech: { data: action.data, mimetype: action.mimetype } };
    case "warning":
      return { ...reading, trouble: action.message };
    case "complete":
      return { ...reading, phase: "done" };
    case "error":
    case "lost":
      return { ...reading, phase: "failed", trouble: action.message };
    case "cancelled":
      return { ...reading, phase: "failed", trouble: "The reading was cancelled." };
    case "processing_started":
    case "progress":
      return reading;
  }
}
