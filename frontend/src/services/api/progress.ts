import { flag, listOf, number, oneOf, record, text } from "./decode";
import { call, type Caller } from "./http";

export const ENOUGH_READINGS = 5;

export const SOUND_STATES = ["mastered", "growing", "not_enough", "new"] as const;
export type SoundState = (typeof SOUND_STATES)[number];

const REASONS = ["often_wrong", "not_enough", "new"] as const;
export type Reason = (typeof REASONS)[number];

/** All readings of one day. */
export type Day = {
  /** As 2026-11-23, on the calendar where the reader is. */
  readonly date: string;
  readonly readings: number;
  /** 0 to 1. */
  readonly phonemeErrorRate: number;
  readonly wordsCorrectPerMinute: number;
  /** 0 to 100. */
  readonly accuracy: number;
};

export type SoundProgress = {
  /** ARPAbet. */
  readonly sound: string;
  readonly expected: number;
  readonly wrong: number;
  readonly state: SoundState;
};

export type Suggestion = { readonly sound: string; readonly ipa: string; readonly name: string; readonly reason: Reason };

export type Progress = {
  readonly readings: number;
  readonly enough: boolean;
  /** The oldest first. */
  readonly days: readonly Day[];
  readonly sounds: readonly SoundProgress[];
  readonly practiseNext: readonly Suggestion[];
};

export async function getProgress(days: number, caller: Caller): Promise<Progress> {
  const progress = record(await call(`/api/progress?days=${days}&utc_offset_minutes=${-new Date().getTimezoneOffset()}`, caller));
  return {
    readings: number(progress["readings"]),
    enough: flag(progress["enough"]),
    days: listOf(progress["days"], day),
    sounds: listOf(progress["sounds"], soundProgress),
    practiseNext: listOf(progress["practise_next"], suggestion),
  };
}

function day(value: unknown): Day {
  const given = record(value);
  return {
    date: text(given["date"]),
    readings: number(given["readings"]),
    phonemeErrorRate: number(given["phoneme_error_rate"]),
    wordsCorrectPerMinute: number(given["words_correct_per_minute"]),
    accuracy: number(given["accuracy"]),
  };
}

function soundProgress(value: unknown): SoundProgress {
  const given = record(value);
  return {
    sound: text(given["sound"]),
    expected: number(given["expected"]),
    wrong: number(given["wrong"]),
    state: oneOf(SOUND_STATES, given["state"], "new"),
  };
}

function suggestion(value: unknown): Suggestion {
  const given = record(value);
  return {
    sound: text(given["sound"]),
    ipa: text(given["ipa"]),
    name: text(given["name"]),
    reason: oneOf(REASONS, given["reason"], "new"),
  };
}
