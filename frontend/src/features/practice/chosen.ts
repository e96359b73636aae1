import { choiceFrom } from "../../services/practiceChoice";
import { SOUNDS } from "./sounds";

/** What somebody chose to practise; it stands in the address of the page. */
export type Chosen = {
  /** ARPAbet */
  readonly sound: string | undefined;
  readonly level: number | undefined;
  /** Its name in addresses. */
  readonly story: string | undefined;
  /** Their own words, sentence by sentence. */
  readonly own: readonly string[];
  /** How many sentences of it were read before. */
  readonly start: number;
};

const LONGEST_SENTENCE = 300; // characters; as the server

/** Pure. What cannot be practised is left out. */
export function chosenIn(query: URLSearchParams): Chosen {
  const { sound = "", level, story, text, at = 1 } = choiceFrom(query);
  return { sound: sound in SOUNDS ? sound : undefined, level, story, own: sentencesIn(text ?? query.get("sentence") ?? ""), start: at - 1 };
}

/** What the page is about, for its reader. `title`: of the story. */
export function nameOf({ sound, level, story, own }: Chosen, title: string | undefined): string {
  if (own.length > 0) return "Your own words";
  if (story !== undefined) return title ?? "A story";
  const topic = sound === undefined ? undefined : SOUNDS[sound];
  if (topic !== undefined) return `${topic.name.charAt(0).toUpperCase()}${topic.name.slice(1)}`;
  return level === undefined ? "Reading" : `Level ${level}`;
}

/** A text, cut after the signs that end a sentence. */
export function sentencesIn(text: string): readonly string[] {
  const found = text.match(/[^.!?\n]+(?:[.!?]+["'”’)]*|\n|$)/gu) ?? [];
  return found.map((sentence) => sentence.trim().slice(0, LONGEST_SENTENCE)).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

const TODAYS_SENTENCES = 10; // some five minutes; a line to look forward to, and not an end

/** Pure. */
export function placeInWords(place: number, count: number | null): string {
  if (count !== null) return `${(place % count) + 1} of ${count}`;
  return place < TODAYS_SENTENCES ? `${place + 1} of ${TODAYS_SENTENCES}` : `sentence ${place + 1}`;
}
