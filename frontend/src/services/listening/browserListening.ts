import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";

import { listOf, record } from "../api/decode";
import { call, type Caller } from "../api/http";
import { decodeAudio } from "./decodeAudio";
import { expectedWords, keepingWords } from "./keptWords";
import type { Answer, Numbered } from "./messages";
import type { ListeningEnvironment, WorkerLike } from "./phonemeExtractor";
import { inability } from "./problem";
import type { ExpectedWord } from "./sentenceGraph";

/** The browser's own worker, cache and decoder. `caller` is asked each time: tokens are renewed. */
export function browserListening(caller: () => Caller): ListeningEnvironment {
  return {
    now: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => { clearTimeout(timer); };
    },
    fetch: (input, init) => fetch(input, init),
    caches: globalThis.caches as CacheStorage | undefined, // missing on a page that is not secure
    subtle: crypto.subtle,
    inability: () => inability(globalThis),
    wasmUrl,
    openWorker,
    decode: decodeAudio,
    wordsOf: keepingWords(globalThis.caches as CacheStorage | undefined, Date.now, (sentence) => checkedWords(sentence, caller())),
  };
}

function openWorker(told: (answer: Answer) => void, broken: () => void): WorkerLike {
  const worker = new Worker(new URL("./listening.worker.ts", import.meta.url), { type: "module", name: "listening" });
  worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => { told(data); });
  worker.addEventListener("error", broken);
  worker.addEventListener("messageerror", broken);
  return {
    post: (message: Numbered, transfer) => { worker.postMessage(message, [...transfer]); },
    end: () => { worker.terminate(); },
  };
}

/** As the server will look for them. Rejects when it cannot be asked. */
async function checkedWords(sentence: string, caller: Caller): Promise<readonly ExpectedWord[]> {
  const checked = record(await call("/api/practice/check", { ...caller, method: "POST", body: { text: sentence } }));
  const words = listOf(checked["words"], (value) => {
    const word = record(value);
    return { ...word, pronunciations: listOf(word["pronunciations"], (said) => record(said)["arpabet"]) };
  });
  const known = expectedWords(words);
  if (known === undefined) throw new TypeError("A word came without a pronunciation.");
  return known;
}
