import { CLASSES, PHONEMES, soundOf } from "./phonemes";

/** What the model says of every frame of 24 ms: log-probabilities of all classes, one frame after the other. */
export type Posteriors = { readonly logProbs: Float32Array; readonly frames: number };

/** The number of each sound, where phonemes that count as the same share one. */
export const SOUND: ReadonlyMap<string, number> = numberSounds();
export const SOUNDS = new Set(SOUND.values()).size;

function numberSounds(): ReadonlyMap<string, number> {
  const names = [...new Set(PHONEMES.map(soundOf))];
  return new Map(PHONEMES.map((phoneme) => [phoneme, names.indexOf(soundOf(phoneme))]));
}

const SOUND_OF_CLASS = PHONEMES.map((phoneme) => SOUND.get(phoneme) ?? 0);

/** An element that is there. */
export function at(values: ArrayLike<number>, place: number): number {
  return values[place] ?? 0;
}

/** The probabilities of phonemes that count as the same, added up: (frames, SOUNDS), log. Without the blank. */
export function soundLogProbs({ logProbs, frames }: Posteriors): Float64Array {
  const sounds = new Float64Array(frames * SOUNDS);
  for (let frame = 0; frame < frames; frame += 1) {
    SOUND_OF_CLASS.forEach((sound, phoneme) => {
      sounds[frame * SOUNDS + sound] = at(sounds, frame * SOUNDS + sound) + Math.exp(at(logProbs, frame * CLASSES + phoneme + 1));
    });
  }
  return sounds.map((probability) => Math.log(Math.max(probability, Number.MIN_VALUE)));
}

/** The most probable class of a frame, among those that may be chosen. */
export function bestClass({ logProbs }: Posteriors, frame: number, may: (label: number) => boolean = () => true): number {
  let best = -1;
  for (let label = 0; label < CLASSES; label += 1) {
    if (may(label) && (best < 0 || at(logProbs, frame * CLASSES + label) > at(logProbs, frame * CLASSES + best))) best = label;
  }
  return best;
}
