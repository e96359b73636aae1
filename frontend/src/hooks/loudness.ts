/** How loud it is, and what to say about it. Pure. */
export type Loudness = {
  /** RMS of the last moment, dBFS. */
  readonly decibels: number;
  /** For a meter: 0 to 1. */
  readonly level: number;
  readonly word: LoudnessWord;
};

/** waiting: nobody has said anything yet. */
export type LoudnessWord = "waiting" | "quiet" | "good" | "loud" | "noisy";

/** What is remembered from moment to moment. */
export type LoudnessMemory = {
  /** Loudest voice lately, dBFS: falls slowly, so that the words do not flicker. */
  readonly voice: number;
  readonly clippedAt: number;
};

const SILENT = -90; // dBFS
const METER_FROM = -60; // dBFS: an empty meter
const METER_TO = -6;
const QUIET_BELOW = -38; // dBFS; fainter speech is recognised clearly worse
const CLIPPING = 0.985; // of full scale
const CLIP_SHOWN_MS = 1200;
const VOICE_FALLS = 6; // dB per second
const NOISY_FLOOR = -36; // dBFS

export const UNHEARD: LoudnessMemory = { voice: SILENT, clippedAt: Number.NEGATIVE_INFINITY };

/** Loudness (RMS, dBFS) and peak (0 to 1) of samples. */
export function measured(samples: Float32Array): { readonly decibels: number; readonly peak: number } {
  let sum = 0;
  let peak = 0;
  for (const sample of samples) {
    sum += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  const rms = Math.sqrt(sum / Math.max(samples.length, 1));
  return { decibels: Math.max(20 * Math.log10(rms), SILENT), peak };
}

export type Moment = {
  readonly decibels: number;
  readonly peak: number;
  readonly isVoice: boolean;
  /** Somebody has spoken already. */
  readonly hasVoice: boolean;
  readonly floor: number;
  readonly at: number;
  readonly sinceMs: number;
};

export function remembered(memory: LoudnessMemory, moment: Moment): LoudnessMemory {
  const fallen = memory.voice - (VOICE_FALLS * moment.sinceMs) / 1000;
  return {
    voice: moment.isVoice ? Math.max(moment.decibels, fallen) : Math.max(fallen, SILENT),
    clippedAt: moment.peak >= CLIPPING ? moment.at : memory.clippedAt,
  };
}

export function loudness(memory: LoudnessMemory, moment: Moment): Loudness {
  const level = (moment.decibels - METER_FROM) / (METER_TO - METER_FROM);
  return { decibels: moment.decibels, level: Math.min(Math.max(level, 0), 1), word: wordFor(memory, moment) };
}

function wordFor(memory: LoudnessMemory, moment: Moment): LoudnessWord {
  if (moment.at - memory.clippedAt < CLIP_SHOWN_MS) return "loud";
  if (moment.floor >= NOISY_FLOOR) return "noisy";
  if (!moment.hasVoice) return "waiting";
  return memory.voice < QUIET_BELOW ? "quiet" : "good";
}

/** How well a whole take could be heard. */
export type Quality = "good" | "quiet" | "noisy";

export function qualityOf(loudest: number, floor: number): Quality {
  if (floor >= NOISY_FLOOR) return "noisy";
  return loudest < QUIET_BELOW ? "quiet" : "good";
}
