export const WORD_STATUSES = ["correct", "mispronounced", "omitted", "inserted", "unsure"] as const;
export type WordStatus = (typeof WORD_STATUSES)[number];

export type HeardWord = { readonly text: string; readonly status: WordStatus; readonly hint: string };

/** What this page makes use of; everything else on the wire is passed over. */
export type ReadingEvent =
  | { readonly type: "processing_started" }
  | { readonly type: "progress"; readonly stage: string }
  | { readonly type: "analysis"; readonly words: readonly HeardWord[] }
  | { readonly type: "gpt_response"; readonly feedback: string; readonly nextSentence: string }
  | { readonly type: "audio_feedback_file"; readonly data: string; readonly mimetype: string }
  | { readonly type: "warning"; readonly message: string }
  | { readonly type: "complete" }
  | { readonly type: "error"; readonly message: string }
  | { readonly type: "cancelled" };

type Fields = Readonly<Record<string, unknown>>;

/** The event in one message; undefined when it is of a type this page does not know, or no event at all. */
export function parseEvent(text: string): ReadingEvent | undefined {
  const event = fields(json(text));
  const data = fields(event["data"]);
  switch (event["type"]) {
    case "processing_started":
    case "complete":
    case "cancelled":
      return { type: event["type"] };
    case "progress":
      return { type: "progress", stage: string(data["stage"]) };
    case "analysis":
      return { type: "analysis", words: list(data["words"]).map(heardWord) };
    case "gpt_response":
      return {
        type: "gpt_response",
        feedback: string(data["feedback"]),
        nextSentence: string(data["next_sentence"]),
      };
    case "audio_feedback_file":
      return { type: "audio_feedback_file", data: string(data["data"]), mimetype: string(data["mimetype"]) };
    case "warning":
    case "error":
      return { type: event["type"], message: string(data["message"]) };
    default:
      return undefined;
  }
}

function heardWord(value: unknown): HeardWord {
  const word = fields(value);
  const status = WORD_STATUSES.find((known) => known === word["status"]) ?? "unsure";
  return { text: string(word["text"]), status, hint: hint(list(word["phonemes"]).map(fields)) };
}

/** "sh, heard s" for the first sound that clearly differs, in IPA. */
function hint(sounds: readonly Fields[]): string {
  const wrong = sounds.find(({ status }) => status === "substituted" || status === "omitted");
  if (wrong === undefined) return "";
  const expected = `/${string(wrong["expected_ipa"])}/`;
  return wrong["status"] === "omitted" ? `${expected} missing` : `${expected}, heard /${string(wrong["heard_ipa"])}/`;
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}
