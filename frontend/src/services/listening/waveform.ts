import { BLANK, CLASSES } from "./phonemes";
import { at, type Posteriors } from "./posteriors";

/** What is done to a waveform before the model hears it, exactly as on the server. Mono samples in [-1, 1] at 16 kHz. */

export const SAMPLE_RATE = 16_000;
/** One frame of the model: 24 ms. */
export const FRAME_SAMPLES = 384;
/** The model gives nothing for less than a few frames; shorter recordings are padded with silence. */
export const SHORTEST_SAMPLES = SAMPLE_RATE / 2;

const LONGEST_SAMPLES = 15 * SAMPLE_RATE; // attention costs grow with the square
const CUT_SEARCH_SAMPLES = 5 * SAMPLE_RATE;
const QUIET_WINDOW = SAMPLE_RATE / 10; // a pause between words lasts 0.1 s or more
const LEVEL_WINDOW = SAMPLE_RATE / 40;
const SPEECH_PERCENTILE = 0.9;
const SPEECH_LEVEL = 0.12; // root mean square the loud parts are brought to: the model is not indifferent to loudness
const PEAK = 0.98;
const FAINTEST = 1e-6;
const SILENCE_LEVEL = 2e-4; // −74 dBFS, under which even the loudest moments are the microphone's own noise
const LOUDEST_MOMENTS = 3;
const VOICED = 0.4; // probability that a frame is not blank

/** Speech at the level the model was trained at, without clipping; silence stays silence. */
export function level(samples: Float32Array): Float32Array {
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (loudest === 0) return samples;
  const gain = Math.fround(Math.min(SPEECH_LEVEL / Math.max(speechLevel(samples), FAINTEST), PEAK / loudest));
  return samples.map((sample) => sample * gain);
}

/** Whether anything is louder than a microphone's own noise: one word in a minute of silence is, two clicks are not. */
export function isAudible(samples: Float32Array): boolean {
  const powers = windowPowers(samples).toSorted((one, other) => other - one).slice(0, LOUDEST_MOMENTS);
  return Math.sqrt(powers.at(-1) ?? 0) >= SILENCE_LEVEL;
}

/** Whether any frame sounds like a phoneme. */
export function hasSpeech({ logProbs, frames }: Posteriors): boolean {
  for (let frame = 0; frame < frames; frame += 1) {
    if (1 - Math.exp(at(logProbs, frame * CLASSES + BLANK)) > VOICED) return true;
  }
  return false;
}

/** Pieces that are not too long for the model, cut where it is quiet and on a frame. */
export function cut(samples: Float32Array): readonly Float32Array[] {
  const pieces = [];
  let rest = samples;
  while (rest.length > LONGEST_SAMPLES) {
    const before = LONGEST_SAMPLES - CUT_SEARCH_SAMPLES;
    const quiet = before + quietest(rest.subarray(before, LONGEST_SAMPLES));
    const place = quiet - (quiet % FRAME_SAMPLES);
    pieces.push(rest.subarray(0, place));
    rest = rest.subarray(place);
  }
  return [...pieces, rest];
}

/** Root mean square of the louder moments, which pauses between words hardly change. */
function speechLevel(samples: Float32Array): number {
  const powers = windowPowers(samples).toSorted((one, other) => one - other);
  const place = (powers.length - 1) * SPEECH_PERCENTILE;
  const [below, above] = [at(powers, Math.floor(place)), at(powers, Math.ceil(place))];
  return Math.sqrt(below + (above - below) * (place % 1));
}

/** Mean square of every window, or of all when there is less. */
function windowPowers(samples: Float32Array): readonly number[] {
  const windows = Math.max(1, Math.floor(samples.length / LEVEL_WINDOW));
  const length = Math.min(samples.length, LEVEL_WINDOW);
  return Array.from({ length: windows }, (_, window) => {
    const part = samples.subarray(window * length, (window + 1) * length);
    return part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length);
  });
}

/** The middle of the quietest tenth of a second. */
function quietest(samples: Float32Array): number {
  let energy = 0;
  let least = Infinity;
  let place = 0;
  samples.forEach((sample, end) => {
    energy += sample * sample;
    if (end >= QUIET_WINDOW) energy -= at(samples, end - QUIET_WINDOW) ** 2;
    if (end >= QUIET_WINDOW - 1 && energy < least) {
      least = energy;
      place = end + 1 - QUIET_WINDOW;
    }
  });
  return place + QUIET_WINDOW / 2;
}
