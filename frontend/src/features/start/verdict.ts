import type { HeardWord } from "../../services/audioProtocol";

const MARKS = { correct: "✓", mispronounced: "~", omitted: "…", inserted: "+", unsure: "?" } as const;

/** The sign beside a word: colour is never alone. */
export function mark({ status }: HeardWord): string {
  return MARKS[status];
}

/** The verdict on a word, for somebody who does not see it. */
export function spoken({ text, status, hint }: HeardWord): string {
  switch (status) {
    case "correct":
      return `${text}, right`;
    case "mispronounced":
      return hint === "" ? `${text}, not quite` : `${text}, not quite: ${hint}`;
    case "omitted":
      return `${text}, skipped`;
    case "inserted":
      return text === "" ? "extra word" : `extra word: ${text}`;
    case "unsure":
      return `${text}, try this one again`;
  }
}
