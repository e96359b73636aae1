import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const ENCODER = join(ROOT, "models/encoder.onnx");
const HEAD = join(ROOT, "backend/src/sounditout/engines/assets/phoneme_head.onnx");
const WASM = join(ROOT, "frontend/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

/** Speech of the bundled voice, and what the server makes of it at each stage. */
const LISTEN = `
import json, pathlib, sys
import numpy as np
from bench.readings import spoken_mp3
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits, decode
from sounditout.analysis.align import align
from sounditout.analysis.sentence import parse_sentence
from sounditout.analysis.verdict import packaged_judge
from sounditout.engines.moonshine_encoder import cut, level
from sounditout.engines.moonshine_phonemes import MoonshinePhonemes
from sounditout.engines.pronunciations import DictionaryPronouncer

folder, said, shown = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
waveform = decode(spoken_mp3(said), DecodeLimits(0.1, 60, 10_000_000), Cancellation())
sentence = parse_sentence(shown, DictionaryPronouncer(), 500)
hearing = MoonshinePhonemes(pathlib.Path("models")).listen(waveform, sentence, Cancellation())
for name, numbers in (("samples", waveform.samples), ("level", level(waveform.samples)), ("posteriors", hearing.log_probs)):
    (folder / name).write_bytes(numbers.astype("<f4").tobytes())
long = np.tile(waveform.samples, 1 + 40 * 16000 // len(waveform.samples))
aligned = align(hearing, sentence, packaged_judge().costs)
(folder / "rest").write_text(json.dumps({
    "repeats": len(long) // len(waveform.samples),
    "pieces": [len(piece) for piece in cut(long)],
    "words": [{"text": word.text, "pronunciations": word.pronunciations} for word in sentence.words],
    "flaggedBy": [word.flagged_by for word in aligned.words],
}))
`;

export type ServerEars = {
  readonly samples: Float32Array;
  readonly level: Float32Array;
  readonly posteriors: Float32Array;
  /** Of the same speech, said so many times, the lengths it is cut into. */
  readonly repeats: number;
  readonly pieces: readonly number[];
  readonly words: readonly { readonly text: string; readonly pronunciations: readonly (readonly string[])[] }[];
  /** Of each word, nats by which the best reading of all beats the best with this word intact. */
  readonly flaggedBy: readonly number[];
};

/** Whether this machine has what listening needs. */
export function hasModels(): boolean {
  return existsSync(ENCODER);
}

/** `said` by the bundled voice, and heard by the server as a reading of `shown`. */
export async function serverHears(said: string, shown: string): Promise<ServerEars> {
  const folder = await mkdtemp(join(tmpdir(), "sounditout-ears-"));
  try {
    const python = ["run", "--frozen", "--project", "backend", "python", "-c", LISTEN, folder, said, shown];
    await promisify(execFile)("uv", python, { cwd: ROOT });
    const numbers = async (name: string) => floats(await readFile(join(folder, name)));
    const rest: Pick<ServerEars, "repeats" | "pieces" | "words" | "flaggedBy"> = JSON.parse(await readFile(join(folder, "rest"), "utf8"));
    return { ...rest, samples: await numbers("samples"), level: await numbers("level"), posteriors: await numbers("posteriors") };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The files a browser would load. */
export async function modelFiles(): Promise<{ encoder: Uint8Array; head: Uint8Array; wasm: Uint8Array<ArrayBuffer> }> {
  const [encoder, head, wasm] = await Promise.all([readFile(ENCODER), readFile(HEAD), readFile(WASM)]);
  return { encoder: new Uint8Array(encoder), head: new Uint8Array(head), wasm: new Uint8Array(wasm) };
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer);
}
