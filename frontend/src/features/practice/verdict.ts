import type { PhonemeReading, WordReading } from "../../services/audioProtocol";
import { columnsOf, type Column } from "./soundColumns";
import { SOUNDS } from "./sounds";

export type WordStatus = WordReading["status"];

/** The sign beside a word: colour is never alone. */
export const MARKS: Readonly<Record<WordStatus, string>> = {
  correct: "✓",
  mispronounced: "~",
  omitted: "…",
  inserted: "+",
  unsure: "?",
};

/** The verdict on a word, for somebody who does not see it. */
export function spokenVerdict(word: WordReading): string {
  switch (word.status) {
    case "correct":
      return `${word.text}, right`;
    case "mispronounced":
      return `${word.text}, ${slip(word)}`;
    case "omitted":
      return `${word.text}, skipped`;
    case "inserted":
      return word.text === "" ? "extra word" : `extra word: ${word.text}`;
    case "unsure":
      return `${word.text}, try this one again`;
  }
}

/** How the whole went, in one line for a screen reader. */
export function spokenSummary(words: readonly WordReading[]): string {
  const shown = words.filter(({ index }) => index !== null);
  const right = shown.filter(({ status }) => status === "correct").length;
  if (right === shown.length) return "Every word was right.";
  return `${right} of ${shown.length} words right.`;
}

/** "heard 'sip': the first sound", as exactly as can be told. */
function slip(word: WordReading): string {
  const columns = columnsOf(word.phonemes);
  const place = columns.findIndex(isSlip);
  if (place === -1) return "not quite";
  const heard = columns.map(({ heard: sound }) => sound?.friendly ?? "").join("");
  const isOtherWord = columns.length > 1 && columns.every(isSlip);
  return isOtherWord ? `heard ‘${heard}’` : `heard ‘${heard}’: ${placeName(place, columns.length)}`;
}

function isSlip({ status }: Column): boolean {
  return status === "substituted" || status === "omitted" || status === "inserted";
}

function placeName(place: number, count: number): string {
  if (place === 0) return "the first sound";
  return place === count - 1 ? "the last sound" : "a sound in the middle";
}

/** The sound to talk about in a word: the first that went wrong, else the first of all. */
export function focusOf(phonemes: readonly PhonemeReading[]): string | null {
  const wrong = phonemes.find(({ status, expected }) => expected !== null && (status === "substituted" || status === "omitted"));
  const sound = wrong?.expected ?? null;
  return sound !== null && sound in SOUNDS ? sound : null;
}
