import { keepOnly, listModels, loadFile, type ModelSource } from "./models";
import type { Answer, Numbered, Task } from "./messages";
import type { ExpectedWord } from "./sentenceGraph";
import { SAMPLE_RATE } from "./waveform";
import type { ClientHearing } from "./wordExtractor";

export type ExtractorState = "off" | "loading" | "ready" | "failed";

/** What the browser heard, and how long it took. */
export type Heard = ClientHearing & { readonly milliseconds: number };

/** As much of a Web Worker as is needed. */
export type WorkerLike = {
  readonly post: (message: Numbered, transfer: readonly ArrayBuffer[]) => void;
  readonly end: () => void;
};

/** Everything from outside. Tests hand in their own. */
export type ListeningEnvironment = ModelSource & {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Runs something later; returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Where the runtime's WebAssembly is. */
  readonly wasmUrl: string;
  /** `broken`: it will not answer any more. */
  readonly openWorker: (told: (answer: Answer) => void, broken: () => void) => WorkerLike;
  /** A recording → mono samples at 16 kHz. */
  readonly decode: (recording: Blob) => Promise<Float32Array>;
  /** The words of a sentence and how each may be said. */
  readonly wordsOf: (sentence: string) => Promise<readonly ExpectedWord[]>;
};

/** Listens in the browser. */
export type PhonemeExtractor = {
  readonly state: ExtractorState;
  readonly onState: (listener: (state: ExtractorState) => void) => () => void;
  /** Gets everything that is needed, once; `onProgress` is told the part that is there, 0 to 1. Never rejects: see `state`. */
  readonly load: (onProgress?: (part: number) => void) => Promise<void>;
  /** Never rejects; undefined: the server should listen. */
  readonly hear: (audio: Blob | Float32Array, sentence: string) => Promise<Heard | undefined>;
  readonly dispose: () => void;
};

const LONGEST_SECONDS = 60; // as the server
const HEAR_MS = 20_000; // a minute of speech on a slow telephone; after that the server is sooner
const LOAD_MS = 60_000; // for the runtime to start, when everything is there
const MOST_SENTENCES = 20;
const WASM_BYTES = 14_239_897; // for the progress only

export function createPhonemeExtractor(environment: ListeningEnvironment): PhonemeExtractor {
  return new Extractor(environment);
}

class Extractor implements PhonemeExtractor {
  readonly #environment: ListeningEnvironment;
  readonly #listeners = new Set<(state: ExtractorState) => void>();
  readonly #sentences = new Map<string, Promise<readonly ExpectedWord[]>>();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #state: ExtractorState = "off";
  #worker: WorkerLike | undefined;
  #loading: Promise<void> | undefined;
  #lastId = 0;
  #disposed = false;

  constructor(environment: ListeningEnvironment) {
    this.#environment = environment;
  }

  get state(): ExtractorState {
    return this.#state;
  }

  onState(listener: (state: ExtractorState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  load(onProgress: (part: number) => void = () => undefined): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    if (this.#state === "failed") this.#loading = undefined;
    this.#loading ??= this.#load(onProgress).catch(() => { this.#fail(); });
    return this.#loading;
  }

  async hear(audio: Blob | Float32Array, sentence: string): Promise<Heard | undefined> {
    if (this.#state !== "ready") return undefined;
    const began = this.#environment.now();
    try {
      const words = this.#wordsOf(sentence);
      words.catch(() => undefined); // the recording may be unreadable before they come
      const samples = audio instanceof Float32Array ? audio.slice() : await this.#environment.decode(audio);
      if (samples.length === 0 || samples.length > LONGEST_SECONDS * SAMPLE_RATE) return undefined;
      const { ok, heard } = await this.#ask({ type: "hear", samples, words: await words }, HEAR_MS);
      if (!ok || heard === undefined || heard.clientPhonemes.length === 0) return undefined;
      return { ...heard, milliseconds: this.#environment.now() - began };
    } catch {
      return undefined;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#close();
    this.#enter("off");
    this.#listeners.clear();
    this.#sentences.clear();
  }

  async #load(onProgress: (part: number) => void): Promise<void> {
    this.#enter("loading");
    const { wasmUrl } = this.#environment;
    const [encoder, head] = await listModels(this.#environment, ["encoder", "phoneme_head"]);
    if (encoder === undefined || head === undefined) throw new Error("There are no models.");
    const files = [encoder, head, { url: wasmUrl, bytes: WASM_BYTES, sha256: null }];
    const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let there = 0;
    const load = async ({ url, bytes, sha256 }: { url: string; bytes: number; sha256: string | null }) => {
      const content = await loadFile(this.#environment, url, sha256);
      there += bytes;
      onProgress(there / whole);
      return content;
    };
    const [encoderBytes, headBytes, wasm] = await Promise.all([load(encoder), load(head), load({ url: wasmUrl, bytes: WASM_BYTES, sha256: null })]);
    if (this.#disposed) return;
    this.#worker = this.#environment.openWorker((answer) => { this.#told(answer); }, () => { this.#fail(); });
    const task: Task = { type: "load", models: { encoder: encoderBytes, head: headBytes }, wasm };
    const { ok } = await this.#ask(task, LOAD_MS, [encoderBytes.buffer, headBytes.buffer, wasm.buffer]);
    if (!ok) throw new Error("The models cannot be run here.");
    if (this.#disposed) return;
    this.#enter("ready");
    await keepOnly(this.#environment, files.map(({ url }) => url)).catch(() => undefined);
  }

  /** Answers for sure: what takes too long counts as failed. */
  #ask(task: Task, limitMs: number, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    const worker = this.#worker;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const callOff = this.#environment.after(limitMs, () => {
        this.#told({ id, ok: false });
        this.#fail(); // it is still busy, and would be late with the next one as well
      });
      this.#waiting.set(id, (answer) => {
        callOff();
        resolve(answer);
      });
      if (worker === undefined) this.#told({ id, ok: false });
      else worker.post({ id, task }, transfer);
    });
  }

  #told(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    waiting?.(answer);
  }

  #wordsOf(sentence: string): Promise<readonly ExpectedWord[]> {
    const known = this.#sentences.get(sentence);
    if (known !== undefined) return known;
    const words = this.#environment.wordsOf(sentence);
    words.catch(() => { this.#sentences.delete(sentence); });
    const [oldest] = this.#sentences.keys();
    if (this.#sentences.size >= MOST_SENTENCES && oldest !== undefined) this.#sentences.delete(oldest);
    this.#sentences.set(sentence, words);
    return words;
  }

  #fail(): void {
    this.#close();
    if (!this.#disposed) this.#enter("failed");
  }

  #close(): void {
    this.#worker?.end();
    this.#worker = undefined;
    for (const id of this.#waiting.keys()) this.#told({ id, ok: false });
  }

  #enter(state: ExtractorState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
