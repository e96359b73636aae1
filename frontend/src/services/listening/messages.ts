import type { Models } from "./listener";
import type { ExpectedWord } from "./sentenceGraph";
import type { ClientHearing } from "./wordExtractor";

/** To the worker. `wasm` is the runtime's own code. */
export type Task =
  | { readonly type: "load"; readonly models: Models; readonly wasm: Uint8Array<ArrayBuffer> }
  | { readonly type: "hear"; readonly samples: Float32Array; readonly words: readonly ExpectedWord[] };

export type Numbered = { readonly id: number; readonly task: Task };

/** From the worker. `heard` is missing when nothing was said, and after loading. */
export type Answer = { readonly id: number; readonly ok: boolean; readonly heard?: ClientHearing | undefined };
