import type { WordReading } from "../../services/audioProtocol";

/** What can be heard on the practice page, by name. */
export const ME = "me";
export const MODEL = "model";
export const FEEDBACK = "feedback";
export const WORD_MODEL = "word-model";

/** One's own reading of one word; each has a name of its own. Pure. */
export function wordMe({ index, start_seconds: start }: Pick<WordReading, "index" | "start_seconds">): string {
  return `word-me ${index ?? "extra"} ${start ?? ""}`;
}
