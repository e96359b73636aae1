import type { PartialWord, WordReading } from "../../services/audioProtocol";

/** A piece of the sentence as it stands on the page. */
export type Part =
  | {
      readonly kind: "word";
      readonly key: string;
      readonly text: string;
      /** What was heard of it; null: nothing is known yet, or it cannot be read. */
      readonly word: WordReading | null;
      /** What is known of it while it is still being read. */
      readonly live: PartialWord["status"] | null;
      /** No space stands before it. */
      readonly joined: boolean;
    }
  | { readonly kind: "extra"; readonly key: string; readonly word: WordReading };

/** The sentence before and while it is read. Words are what stands between spaces; a lone dash is none. */
export function livePartsOf(sentence: string, live: readonly PartialWord[]): readonly Part[] {
  const statuses = new Map(live.map(({ index, status }) => [index, status]));
  let index = 0;
  return sentence.split(/\s+/u).filter(Boolean).map((text, place) => {
    const status = isReadable(text) ? (statuses.get(index++) ?? null) : null;
    return { kind: "word", key: `w${place}`, text, word: null, live: status, joined: false };
  });
}

/** The sentence after it was read, with the extra words where they were said. */
export function readPartsOf(sentence: string, words: readonly WordReading[]): readonly Part[] {
  const parts: Part[] = [];
  let cursor = 0;
  words.forEach((word, place) => {
    if (word.index === null) {
      parts.push({ kind: "extra", key: `x${place}`, word });
      return;
    }
    const [start, end] = located(sentence, word.text, cursor);
    const before = sentence.slice(cursor, start);
    parts.push(...plain(before, `b${place}`));
    const joined = start > 0 && !/\s/u.test(sentence.charAt(start - 1));
    parts.push({ kind: "word", key: `w${place}`, text: sentence.slice(start, end), word, live: null, joined });
    cursor = end;
  });
  return [...parts, ...plain(sentence.slice(cursor), "end")];
}

/** From where to where a word stands, with the signs around it up to the next space. */
function located(sentence: string, text: string, from: number): readonly [start: number, end: number] {
  const found = sentence.toLowerCase().indexOf(text.toLowerCase(), from);
  if (found === -1) return [from, from];
  const before = /[^\s\p{L}\p{N}]*$/u.exec(sentence.slice(from, found))?.[0].length ?? 0;
  const after = /^[^\s\p{L}\p{N}]*/u.exec(sentence.slice(found + text.length))?.[0].length ?? 0;
  return [found - before, found + text.length + after];
}

/** What nobody reads aloud: it keeps its place. */
function plain(text: string, key: string): readonly Part[] {
  const shown = text.trim();
  return shown === "" ? [] : [{ kind: "word", key, text: shown, word: null, live: null, joined: false }];
}

/** Letters or digits: everything else is punctuation. */
function isReadable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
