import type { ReadingReport } from "../protocol.generated";
import { localReport } from "./localReport";
import { keepOnly, listModels, loadFile, type ModelSource } from "./models";
import type { Answer, Numbered, Task } from "./messages";
import { CannotListen, problemIn, type ListeningProblem } from "./problem";
import type { ExpectedWord } from "./sentenceGraph";
import { SAMPLE_RATE } from "./waveform";
import type { ClientHearing } from "./wordExtractor";

/** unable: this browser never can. */
export type ExtractorState = "off" | "loading" | "ready" | "failed" | "unable";

/** How much of what is needed is there, in bytes. */
export type LoadProgress = { readonly loaded: number; readonly whole: number };

/** What the browser heard, how it would judge that, and how long it took. */
export type Heard = ClientHearing & { readonly report: ReadingReport; readonly milliseconds: number };

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
  /** Why this browser can never listen; null: it can try. */
  readonly inability: () => ListeningProblem | null;
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
  /** Why it failed, or never can. */
  readonly problem: ListeningProblem | null;
  readonly onState: (listener: (state: ExtractorState) => void) => () => void;
  /** Gets everything that is needed, once; again after it failed. Never rejects: see `state`. */
  readonly load: (onProgress?: (progress: LoadProgress) => void) => Promise<void>;
  /** Never rejects; undefined: the server should listen. */
  readonly hear: (audio: Blob | Float32Array, sentence: string) => Promise<Heard | undefined>;
  /** Gets the words of sentences that may be read soon: then they can be without a network. Never rejects. */
  readonly prepare: (sentences: readonly string[]) => Promise<void>;
  readonly dispose: () => void;
};

const LONGEST_SECONDS = 60; // as the server
const HEAR_MS = 20_000; // a minute of speech on a slow telephone; after that the server is sooner
const LOAD_MS = 60_000; // for the runtime to start, when everything is there
const MOST_SENTENCES = 20;
const WASM_BYTES = 14_239_897; // for the progress only

type Needed = { readonly url: string; readonly bytes: number; readonly sha256: string | null };
type Bytes = Uint8Array<ArrayBuffer>;
type Loaded = readonly [Bytes, Bytes, Bytes];

export function createPhonemeExtractor(environment: ListeningEnvironment): PhonemeExtractor {
  return new Extractor(environment);
}

class Extractor implements PhonemeExtractor {
  readonly #environment: ListeningEnvironment;
  readonly #listeners = new Set<(state: ExtractorState) => void>();
  readonly #sentences = new Map<string, Promise<readonly ExpectedWord[]>>();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #state: ExtractorState = "off";
  #problem: ListeningProblem | null = null;
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

  get problem(): ListeningProblem | null {
    return this.#problem;
  }

  onState(listener: (state: ExtractorState) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  load(onProgress: (progress: LoadProgress) => void = () => undefined): Promise<void> {
    if (this.#disposed) return Promise.resolve();
    if (this.#state === "failed") this.#loading = undefined;
    this.#loading ??= this.#load(onProgress).catch((error: unknown) => { this.#fail(problemIn(error)); });
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
      const seconds = samples.length / SAMPLE_RATE;
      const { ok, heard } = await this.#ask({ type: "hear", samples, words: await words }, HEAR_MS);
      if (!ok || heard === undefined || heard.clientPhonemes.length === 0) return undefined;
      const report = localReport(sentence, await words, heard.heard, seconds);
      return { ...heard, report, milliseconds: this.#environment.now() - began };
    } catch {
      return undefined;
    }
  }

  async prepare(sentences: readonly string[]): Promise<void> {
    for (const sentence of sentences) await this.#wordsOf(sentence).catch(() => undefined);
  }

  dispose(): void {
    this.#disposed = true;
    this.#close();
    this.#enter("off");
    this.#listeners.clear();
    this.#sentences.clear();
  }

  async #load(onProgress: (progress: LoadProgress) => void): Promise<void> {
    const problem = this.#environment.inability();
    if (problem !== null) throw new CannotListen(problem);
    this.#enter("loading");
    const [encoder, head] = await listModels(this.#environment, ["encoder", "phoneme_head"]);
    if (encoder === undefined || head === undefined) throw new CannotListen("not_installed");
    const runtime = { url: this.#environment.wasmUrl, bytes: WASM_BYTES, sha256: null };
    const [encoderBytes, headBytes, wasm] = await this.#files([encoder, head, runtime] as const, onProgress);
    if (this.#disposed) return;
    this.#worker = this.#environment.openWorker((answer) => { this.#told(answer); }, () => { this.#fail("cannot_run"); });
    const task: Task = { type: "load", models: { encoder: encoderBytes, head: headBytes }, wasm };
    const { ok } = await this.#ask(task, LOAD_MS, [encoderBytes.buffer, headBytes.buffer, wasm.buffer]);
    if (!ok) throw new CannotListen("cannot_run");
    if (this.#disposed) return;
    this.#enter("ready");
    await keepOnly(this.#environment, [encoder, head, runtime].map(({ url }) => url)).catch(() => undefined);
  }

  /** All at once. What is on this device already counts as loaded when it was read. */
  async #files(files: readonly [Needed, Needed, Needed], onProgress: (progress: LoadProgress) => void): Promise<Loaded> {
    const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const loaded = files.map(() => 0);
    const load = async (file: Needed, place: number) => {
      const tell = (bytes: number) => {
        loaded[place] = Math.min(bytes, file.bytes);
        onProgress({ loaded: loaded.reduce((sum, one) => sum + one, 0), whole });
      };
      let came = 0;
      const content = await loadFile(this.#environment, file, (bytes) => { tell((came += bytes)); });
      tell(file.bytes);
      return content;
    };
    const [encoder, head, runtime] = files;
    return await Promise.all([load(encoder, 0), load(head, 1), load(runtime, 2)]);
  }

  /** Answers for sure: what takes too long counts as failed. */
  #ask(task: Task, limitMs: number, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    const worker = this.#worker;
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const callOff = this.#environment.after(limitMs, () => {
        this.#told({ id, ok: false });
        this.#fail("cannot_run"); // it is still busy, and would be late with the next one as well
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

  #fail(problem: ListeningProblem): void {
    this.#close();
    if (this.#disposed) return;
    this.#problem = problem;
    this.#enter(problem === "insecure" || problem === "unsupported" ? "unable" : "failed");
  }

  #close(): void {
    this.#worker?.end();
    this.#worker = undefined;
    for (const id of this.#waiting.keys()) this.#told({ id, ok: false });
  }

  #enter(state: ExtractorState): void {
    if (this.#state === state) return;
    if (state !== "failed" && state !== "unable") this.#problem = null;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
