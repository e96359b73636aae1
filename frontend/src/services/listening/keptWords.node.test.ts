import { describe, expect, it } from "vitest";

import { forgetWords, keepingWords } from "./keptWords";
import type { ExpectedWord } from "./sentenceGraph";

const DAY = 24 * 3600 * 1000;
const WORDS: readonly ExpectedWord[] = [{ text: "Cat", pronunciations: [["K", "AE", "T"]] }];

/** A browser's cache, a clock and a server, which may be away. */
function world() {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const state = { now: 0, away: false };
  const cache = {
    match: (url: string) => Promise.resolve(kept.has(url) ? new Response(kept.get(url)) : undefined),
    put: async (url: string, response: Response) => {
      kept.delete(url);
      kept.set(url, await response.text());
    },
    delete: (url: string) => Promise.resolve(kept.delete(url)),
    keys: () => Promise.resolve([...kept.keys()]),
  };
  const storage = {
    open: () => Promise.resolve(cache),
    delete: () => Promise.resolve(kept.clear()),
  } as unknown as CacheStorage;
  const ask = (sentence: string) => {
    asked.push(sentence);
    return state.away ? Promise.reject(new TypeError("offline")) : Promise.resolve(WORDS);
  };
  return { kept, asked, state, storage, ask, wordsOf: keepingWords(storage, () => state.now, ask) };
}

describe("keepingWords", () => {
  it("asks once, also when the page is opened again", async () => {
    const { asked, storage, state, ask, wordsOf } = world();
    await wordsOf("Cat.");
    expect(await wordsOf("Cat.")).toEqual(WORDS);
    expect(await keepingWords(storage, () => state.now, ask)("Cat.")).toEqual(WORDS);
    expect(asked).toEqual(["Cat."]);
  });

  it("asks again after a week, and does without when nobody answers", async () => {
    const { asked, state, wordsOf } = world();
    await wordsOf("Cat.");
    state.now = 8 * DAY;
    state.away = true;
    expect(await wordsOf("Cat.")).toEqual(WORDS);
    expect(asked).toHaveLength(2);
  });

  it("cannot help with a sentence that was never asked for", async () => {
    const { state, wordsOf } = world();
    state.away = true;
    await expect(wordsOf("Cat.")).rejects.toThrow("offline");
  });

  it("believes nothing that is broken", async () => {
    const { kept, asked, wordsOf } = world();
    await wordsOf("Cat.");
    for (const url of kept.keys()) kept.set(url, '{"at": 0, "words": [{"text": "Cat", "pronunciations": []}]}');
    expect(await wordsOf("Cat.")).toEqual(WORDS);
    expect(asked).toHaveLength(2);
  });

  it("keeps the last two hundred", async () => {
    const { kept, wordsOf } = world();
    for (let count = 0; count < 205; count += 1) await wordsOf(`${count}`);
    expect(kept.size).toBe(200);
    expect([...kept.keys()][0]).toContain("sentence=5");
  });

  it("forgets them all", async () => {
    const { kept, storage, wordsOf } = world();
    await wordsOf("Cat.");
    await forgetWords(storage);
    expect(kept.size).toBe(0);
  });

  it("works where nothing can be kept", async () => {
    const { ask } = world();
    expect(await keepingWords(undefined, () => 0, ask)("Cat.")).toEqual(WORDS);
  });
});
