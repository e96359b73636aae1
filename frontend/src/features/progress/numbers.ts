import type { Day, Reason, SoundProgress, SoundState } from "../../services/api/progress";

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** One point of the lines: a day. */
export type Point = {
  readonly date: string;
  /** "23 Nov". */
  readonly day: string;
  readonly readings: number;
  /** Per cent. */
  readonly soundsRight: number;
  readonly wordsPerMinute: number;
};

export function points(days: readonly Day[]): readonly Point[] {
  return days.map(({ date, readings, phonemeErrorRate, wordsCorrectPerMinute }) => ({
    date,
    day: dayInWords(date),
    readings,
    soundsRight: Math.round((1 - Math.min(1, Math.max(0, phonemeErrorRate))) * 1000) / 10,
    wordsPerMinute: Math.round(wordsCorrectPerMinute),
  }));
}

/** 2026-11-23 as "23 Nov", wherever one is. */
export function dayInWords(date: string): string {
  const moment = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(moment.getTime())) return date;
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(moment);
}

export function readingsInWords(count: number): string {
  return count === 1 ? "1 reading" : `${WHOLE.format(count)} readings`;
}

/** What a line shows, for somebody who does not see it. */
export function lineInWords(what: string, unit: string, values: readonly number[]): string {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return `${what}: no readings`;
  if (values.length === 1) return `${what}: ${WHOLE.format(first)} ${unit} on one day`;
  const way = last > first ? "up from" : last < first ? "down from" : "the same as";
  return `${what}: ${WHOLE.format(last)} ${unit} on the last day, ${way} ${WHOLE.format(first)} on the first of ${values.length} days`;
}

export const STATES_IN_WORDS: Readonly<Record<SoundState, string>> = {
  mastered: "mastered",
  growing: "growing",
  not_enough: "too few yet",
  new: "new",
};

const REASONS_IN_WORDS: Readonly<Record<Reason, string>> = {
  often_wrong: "It slips now and then.",
  not_enough: "You have met it only a few times.",
  new: "You have not met it yet.",
};

/** "28 of 30 right". */
export function triesInWords({ expected, wrong }: Pick<SoundProgress, "expected" | "wrong">): string {
  return expected === 0 ? "not read yet" : `${expected - wrong} of ${expected} right`;
}

/** Why a sound is worth practising. */
export function reasonInWords(reason: Reason, progress: Pick<SoundProgress, "expected" | "wrong"> | undefined): string {
  if (reason === "often_wrong" && progress !== undefined) return `It slips now and then: ${triesInWords(progress)}.`;
  return REASONS_IN_WORDS[reason];
}
