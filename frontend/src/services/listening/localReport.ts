import type { PhonemeReading, ReadingReport, WordReading } from "../protocol.generated";
import { soundOf, type Pronunciation } from "./phonemes";
import type { ExpectedWord } from "./sentenceGraph";
import type { HeardWord } from "./wordExtractor";

const HALF_SURE = 0.5; // nobody has measured how sure the browser may be

/** What the browser can say by itself, until the server has judged the reading. Words have no place in time. Pure. */
export function localReport(
  sentence: string,
  words: readonly ExpectedWord[],
  heard: readonly HeardWord[],
  durationSeconds: number,
): ReadingReport {
  const read = inOrder(words, heard);
  const expected = read.filter(({ index }) => index !== null);
  const right = expected.filter(({ status }) => status === "correct").length;
  const there = expected.filter(({ status }) => status !== "omitted").length;
  const sounds = read.flatMap(({ phonemes }) => phonemes);
  return {
    schema_version: 1,
    sentence,
    duration_seconds: durationSeconds,
    alphabet: "arpabet",
    scores: {
      accuracy: 100 * part(right, expected.length),
      completeness: 100 * part(there, expected.length),
      fluency: 0, // nothing is known of pauses
      phoneme_error_rate: errorRate(sounds),
      words_correct_per_minute: 60 * part(right, durationSeconds),
    },
    words: [...read],
    problems: { focus_phoneme: null, by_phoneme: {}, by_group: {} },
    source: "client",
    recognizer: { name: "browser", version: "1" },
  };
}

/** Words of the sentence where they stand in it, others between them as they were read. */
function inOrder(words: readonly ExpectedWord[], heard: readonly HeardWord[]): readonly WordReading[] {
  const read: WordReading[] = [];
  let next = 0;
  const skipTo = (end: number) => {
    for (; next < end; next += 1) read.push(omitted(words[next], next));
  };
  for (const word of heard) {
    if (word.index === null) {
      read.push(wordReading(null, "", "inserted", word.phonemes.map((said) => sound(null, said))));
      continue;
    }
    skipTo(word.index);
    read.push(spoken(words[word.index], word, word.index));
    next = word.index + 1;
  }
  skipTo(words.length);
  return read;
}

function omitted(word: ExpectedWord | undefined, index: number): WordReading {
  const [usual = []] = word?.pronunciations ?? [];
  return wordReading(index, word?.text ?? "", "omitted", usual.map((said) => sound(said, null)));
}

function spoken(word: ExpectedWord | undefined, { phonemes, asExpected }: HeardWord, index: number): WordReading {
  const text = word?.text ?? "";
  if (asExpected) return wordReading(index, text, "correct", phonemes.map((said) => sound(said, said)));
  const ways = (word?.pronunciations ?? []).map((expected) => besideEachOther(expected, phonemes));
  const [nearest = []] = ways.toSorted((one, other) => errorRate(one) - errorRate(other));
  return wordReading(index, text, "mispronounced", nearest);
}

function wordReading(index: number | null, text: string, status: WordReading["status"], phonemes: readonly PhonemeReading[]): WordReading {
  const errors = errorRate(phonemes);
  return {
    index,
    text,
    status,
    start_seconds: null,
    end_seconds: null,
    confidence: HALF_SURE,
    accuracy: 100 * (1 - errors),
    phoneme_error_rate: errors,
    phonemes: [...phonemes],
  };
}

/** Expected sounds beside those that were heard, with as few differences as can be (Levenshtein). */
export function besideEachOther(expected: Pronunciation, heard: Pronunciation): readonly PhonemeReading[] {
  const left = differences(expected, heard);
  const pairs: PhonemeReading[] = [];
  let place = 0;
  let other = 0;
  while (place < expected.length || other < heard.length) {
    const wanted = expected[place] ?? null;
    const said = heard[other] ?? null;
    const now = cell(left, place, other);
    const isPair = now === cell(left, place + 1, other + 1) + Number(!isAlike(wanted, said));
    const isOmission = !isPair && now === cell(left, place + 1, other) + 1;
    pairs.push(sound(isPair || isOmission ? wanted : null, isOmission ? null : said));
    if (isPair || isOmission) place += 1;
    if (!isOmission) other += 1;
  }
  return pairs;
}

/** The fewest differences between what is left after so many expected and so many heard sounds. */
function differences(expected: Pronunciation, heard: Pronunciation): readonly (readonly number[])[] {
  const table: number[][] = [];
  for (let place = expected.length; place >= 0; place -= 1) {
    const row: number[] = [];
    table[place] = row;
    for (let other = heard.length; other >= 0; other -= 1) {
      const pair = cell(table, place + 1, other + 1) + Number(!isAlike(expected[place], heard[other]));
      const ends = expected.length - place + heard.length - other;
      row[other] = Math.min(pair, cell(table, place + 1, other) + 1, cell(table, place, other + 1) + 1, ends);
    }
  }
  return table;
}

/** Infinite beyond the ends. */
function cell(table: readonly (readonly number[])[], place: number, other: number): number {
  return table[place]?.[other] ?? Infinity;
}

function isAlike(wanted: string | null | undefined, said: string | null | undefined): boolean {
  return typeof wanted === "string" && typeof said === "string" && soundOf(wanted) === soundOf(said);
}

/** Without IPA, which whoever shows it knows. */
function sound(expected: string | null, heard: string | null): PhonemeReading {
  const status = expected === null ? "inserted" : heard === null ? "omitted" : isAlike(expected, heard) ? "correct" : "substituted";
  return {
    expected,
    heard,
    expected_ipa: null,
    heard_ipa: null,
    status,
    start_seconds: null,
    end_seconds: null,
    confidence: HALF_SURE,
  };
}

/** Errors per expected sound, at most 1. */
function errorRate(sounds: readonly PhonemeReading[]): number {
  const wrong = sounds.filter(({ status }) => status !== "correct").length;
  return Math.min(1, part(wrong, sounds.filter(({ expected }) => expected !== null).length));
}

function part(some: number, all: number): number {
  return all > 0 ? some / all : Math.min(some, 1);
}
