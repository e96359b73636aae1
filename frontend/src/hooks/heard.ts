import type { ReadingReport } from "../services/audioProtocol";
import type { Heard } from "./useAudioAnalysisStream";

const MOST_WORDS = 200; // as the server
const MOST_PHONEMES = 40;
const SYMBOL = /^[A-Z]{1,2}[0-2]?$/u;

/** With what the browser itself would say to it. */
export type HeardHere = Heard & { readonly report: ReadingReport };

/** Listens in the browser. */
export type Extractor = {
  /** Everything is loaded. */
  readonly ready: boolean;
  /** Rejects when it cannot be done. */
  readonly extract: (audio: Blob, sentence: string) => Promise<HeardHere>;
  /** Sentences that may be read soon, perhaps without a network. */
  readonly prepare: (sentences: readonly string[]) => void;
};

/** Whether the server could make use of it; it looks again itself. Pure. */
export function isUsable({ phonemes, words }: Heard): boolean {
  return (
    phonemes.length > 0 &&
    phonemes.length === words.length &&
    phonemes.length <= MOST_WORDS &&
    phonemes.some((word) => word.length > 0) &&
    phonemes.every((word) => word.length <= MOST_PHONEMES && word.every((symbol) => SYMBOL.test(symbol)))
  );
}
