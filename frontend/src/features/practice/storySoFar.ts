import type { Analysis } from "../../hooks/analysisReducer";
import type { WordReading } from "../../services/audioProtocol";
import { SOUNDS } from "./sounds";

/** The reading of one sentence of a story. */
export type SentenceRead = {
  readonly requestId: string | null;
  readonly words: readonly WordReading[];
  /** The sound that the coach talked about, in ARPAbet; null: there was none. */
  readonly sound: string | null;
};

/** What was read of a story since its reader came: for each place the reading that went best. */
export type StorySoFar = ReadonlyMap<number, SentenceRead>;

/** How a story went. */
export type StoryEnd = {
  /** All of its sentences. */
  readonly isWhole: boolean;
  readonly sentences: number;
  /** Sentences in which every word was right. */
  readonly flawless: number;
  readonly words: number;
  readonly right: number;
  /** To practise, in ARPAbet; null: nothing stood out. */
  readonly sound: string | null;
};

/** With what is known now of the sentence at a place. Pure. */
export function withReading(soFar: StorySoFar, place: number, { requestId, report, advice }: Pick<Analysis, "requestId" | "report" | "advice">): StorySoFar {
  if (report === null) return soFar;
  const read = { requestId, words: report.words, sound: advice?.focus_phoneme ?? null };
  const before = soFar.get(place);
  const isBetter = before === undefined || before.requestId === requestId || rightIn(read.words) >= rightIn(before.words);
  return isBetter ? new Map([...soFar, [place, read]]) : soFar;
}

/** How it went in all. `count`: sentences of the story. Pure. */
export function storyEnd(soFar: StorySoFar, count: number): StoryEnd {
  const read = [...soFar.values()];
  return {
    isWhole: read.length >= count,
    sentences: read.length,
    flawless: read.filter(({ words }) => words.every(({ status }) => status === "correct")).length,
    words: sum(read.map(({ words }) => shown(words).length)),
    right: sum(read.map(({ words }) => rightIn(words))),
    sound: mostFrequent(read.map(({ sound }) => sound)),
  };
}

/** What went well, line by line. Pure. */
export function endInWords({ isWhole, sentences, flawless, words, right }: StoryEnd): readonly string[] {
  if (sentences === 0) return ["You have come to the last page."];
  const lines = [isWhole ? `You read all ${sentences} sentences.` : `You read ${sentences} ${sentences === 1 ? "sentence" : "sentences"}.`];
  if (right === words) return [...lines, "Every word was right."];
  if (right > 0) lines.push(`${right} of ${words} words were right.`);
  if (flawless > 0) lines.push(flawless === 1 ? "In one sentence everything was right." : `In ${flawless} sentences everything was right.`);
  return lines;
}

function shown(words: readonly WordReading[]): readonly WordReading[] {
  return words.filter(({ index }) => index !== null);
}

function rightIn(words: readonly WordReading[]): number {
  return shown(words).filter(({ status }) => status === "correct").length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** Of the sounds that can be practised; of two that came up as often, the later one. */
function mostFrequent(sounds: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const sound of sounds) if (sound !== null && sound in SOUNDS) counts.set(sound, (counts.get(sound) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return sounds.findLast((sound) => sound !== null && counts.get(sound) === most) ?? null;
}
