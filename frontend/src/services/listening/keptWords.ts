import { listOf, number, record, text } from "../api/decode";
import type { ExpectedWord } from "./sentenceGraph";

type WordsOf = (sentence: string) => Promise<readonly ExpectedWord[]>;

const CACHE = "listening-words";
const FRESH_MS = 7 * 24 * 3600 * 1000; // pronunciations change with the server, and seldom
const MOST_SENTENCES = 200; // of some 2 kB: less than half a megabyte

/**
 * Asks for the words of a sentence once in a week, and does without a network with those of sentences that were asked
 * for before. Rejects when neither helps.
 */
export function keepingWords(storage: CacheStorage | undefined, now: () => number, ask: WordsOf): WordsOf {
  return async (sentence) => {
    const cache = await storage?.open(CACHE).catch(() => undefined);
    const address = `/words?sentence=${encodeURIComponent(sentence)}`; // a name in the cache; nobody asks for it
    const kept = await read(cache, address);
    if (kept !== undefined && now() - kept.at < FRESH_MS) return kept.words;
    try {
      const words = await ask(sentence);
      await write(cache, address, { at: now(), words });
      return words;
    } catch (error) {
      if (kept === undefined) throw error;
      return kept.words;
    }
  };
}

/** Somebody leaves: their own texts are among the sentences. */
export async function forgetWords(storage: CacheStorage | undefined): Promise<void> {
  await storage?.delete(CACHE).catch(() => undefined);
}

type Kept = { readonly at: number; readonly words: readonly ExpectedWord[] };

async function read(cache: Cache | undefined, address: string): Promise<Kept | undefined> {
  const response = await cache?.match(address).catch(() => undefined);
  if (response === undefined) return undefined;
  const kept = record(await response.json().catch(() => undefined));
  const words = expectedWords(kept["words"]);
  return words === undefined ? undefined : { at: number(kept["at"]), words };
}

/** A full disk: it is asked for again next time. */
async function write(cache: Cache | undefined, address: string, kept: Kept): Promise<void> {
  try {
    await cache?.put(address, new Response(JSON.stringify(kept)));
    const oldestFirst = (await cache?.keys()) ?? [];
    for (const surplus of oldestFirst.slice(0, -MOST_SENTENCES)) await cache?.delete(surplus);
  } catch {
    // nothing is lost
  }
}

/** The words of a sentence as JSON; undefined when one of them has no pronunciation. */
export function expectedWords(value: unknown): readonly ExpectedWord[] | undefined {
  const words = listOf(value, (item) => {
    const word = record(item);
    return { text: text(word["text"]), pronunciations: listOf(word["pronunciations"], (said) => listOf(said, (symbol) => text(symbol))) };
  });
  const areAllKnown = words.length > 0 && words.every(({ pronunciations }) => pronunciations.some(({ length }) => length > 0));
  return areAllKnown ? words : undefined;
}
