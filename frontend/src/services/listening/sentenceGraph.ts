import { withAccents, type Pronunciation } from "./phonemes";
import { SOUND } from "./posteriors";

/** A word of the sentence, and every accepted way to say it, the most usual first. */
export type ExpectedWord = { readonly text: string; readonly pronunciations: readonly Pronunciation[] };

/**
 * The sentence as the server sees it: between two junctions stands a word, one chain of positions for each accepted
 * pronunciation. Positions are numbered through all chains of all words.
 */
export type SentenceGraph = {
  readonly words: number;
  readonly positions: number;
  readonly phoneme: readonly string[];
  readonly sound: Int32Array;
  /** The word a position belongs to. */
  readonly word: Int32Array;
  /** The place of a position in its pronunciation. */
  readonly place: Int32Array;
  /** 1 where a pronunciation ends. */
  readonly isLast: Uint8Array;
  /** Of each word, the sounds in its shortest pronunciation. */
  readonly shortest: readonly number[];
  readonly chains: readonly Chain[];
};

/** One pronunciation of one word. */
export type Chain = { readonly word: number; readonly start: number; readonly said: Pronunciation };

export function sentenceGraph(words: readonly ExpectedWord[]): SentenceGraph {
  const accepted = words.map(({ pronunciations }) => withAccents(pronunciations));
  const chains: Chain[] = [];
  let start = 0;
  accepted.forEach((pronunciations, word) => {
    for (const said of pronunciations) {
      chains.push({ word, start, said });
      start += said.length;
    }
  });
  const phoneme = chains.flatMap(({ said }) => said);
  return {
    words: words.length,
    positions: start,
    phoneme,
    sound: Int32Array.from(phoneme, (name) => SOUND.get(name) ?? 0),
    word: Int32Array.from(chains.flatMap(({ word, said }) => said.map(() => word))),
    place: Int32Array.from(chains.flatMap(({ said }) => said.map((_, place) => place))),
    isLast: Uint8Array.from(chains.flatMap(({ said }) => said.map((_, place) => Number(place === said.length - 1)))),
    shortest: accepted.map((pronunciations) => Math.min(...pronunciations.map(({ length }) => length))),
    chains,
  };
}
