import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-web/wasm";

import { CLASSES } from "./phonemes";
import type { Posteriors } from "./posteriors";
import type { ExpectedWord } from "./sentenceGraph";
import { cut, FRAME_SAMPLES, hasSpeech, isAudible, level, SHORTEST_SAMPLES } from "./waveform";
import { clientHearing, heardWords, type ClientHearing } from "./wordExtractor";

const MIDDLE_AND_LAST = 576; // numbers per frame of the encoder

/** As much of ONNX Runtime as is needed; the same in a browser and in Node. */
export type Runtime = {
  readonly InferenceSession: { readonly create: (model: Uint8Array, options: InferenceSession.SessionOptions) => Promise<InferenceSession> };
  readonly Tensor: TensorConstructor;
};

export type Models = { readonly encoder: Uint8Array; readonly head: Uint8Array };

/** The server's encoder and phoneme head. */
export class Listener {
  readonly #runtime: Runtime;
  readonly #encoder: InferenceSession;
  readonly #head: InferenceSession;

  private constructor(runtime: Runtime, encoder: InferenceSession, head: InferenceSession) {
    this.#runtime = runtime;
    this.#encoder = encoder;
    this.#head = head;
  }

  /** Rejects when this device cannot run the models. */
  static async load(runtime: Runtime, models: Models): Promise<Listener> {
    const options = { executionProviders: ["wasm"], logSeverityLevel: 3 } as const;
    const encoder = await runtime.InferenceSession.create(models.encoder, options);
    const head = await runtime.InferenceSession.create(models.head, options);
    const listener = new Listener(runtime, encoder, head);
    await listener.posteriors(new Float32Array(SHORTEST_SAMPLES)); // the first time takes longer
    return listener;
  }

  /** What was read of a sentence in a recording of 16 kHz; undefined: nothing was said. */
  async hear(samples: Float32Array, words: readonly ExpectedWord[]): Promise<ClientHearing | undefined> {
    if (!isAudible(samples)) return undefined;
    const posteriors = await this.posteriors(samples);
    return hasSpeech(posteriors) ? clientHearing(heardWords(posteriors, words), words) : undefined;
  }

  async posteriors(samples: Float32Array): Promise<Posteriors> {
    const pieces = cut(level(samples));
    const encoded: Float32Array[] = [];
    for (const [place, piece] of pieces.entries()) encoded.push(await this.#encode(piece, place === pieces.length - 1));
    const embeddings = joined(encoded);
    const frames = embeddings.length / MIDDLE_AND_LAST;
    const input = new this.#runtime.Tensor("float32", embeddings, [1, frames, MIDDLE_AND_LAST]);
    const { log_probs: output } = await this.#head.run({ embeddings: input }, ["log_probs"]);
    const logProbs = numbers(output);
    return { logProbs, frames: logProbs.length / CLASSES };
  }

  /** A piece that is followed by another one fills its time, so that clocks agree. */
  async #encode(piece: Float32Array, isRest: boolean): Promise<Float32Array> {
    const padded = new Float32Array(Math.max(piece.length, SHORTEST_SAMPLES));
    padded.set(piece);
    const input = new this.#runtime.Tensor("float32", padded, [1, padded.length]);
    const { embeddings } = await this.#encoder.run({ input_values: input }, ["embeddings"]);
    const wanted = Math.max(1, Math.round(piece.length / FRAME_SAMPLES)) * MIDDLE_AND_LAST;
    const found = numbers(embeddings).subarray(0, wanted);
    return isRest ? found : filled(found, wanted);
  }
}

/** The last frame, repeated. */
function filled(frames: Float32Array, wanted: number): Float32Array {
  const all = new Float32Array(wanted);
  all.set(frames);
  const last = frames.subarray(-MIDDLE_AND_LAST);
  for (let place = frames.length; place < wanted; place += MIDDLE_AND_LAST) all.set(last, place);
  return all;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}

function numbers(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError("The model gave something else than numbers.");
  return tensor.data;
}
