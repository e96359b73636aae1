import type { Day } from "../../services/api/progress";
import { dayOf } from "../../services/days";

/** Sentences in about five minutes: half a minute each, with looking at what was heard. */
export const TODAYS_SENTENCES = 10;

/** How many sentences were read today, on the reader's own calendar. */
export function readToday(days: readonly Day[], now: Date): number {
  const today = dayOf(now);
  return days.find(({ date }) => date === today)?.readings ?? 0;
}

export function todayInWords(read: number): string {
  if (read === 0) return "Ten sentences take about five minutes.";
  if (read < TODAYS_SENTENCES) return `${read} of ${TODAYS_SENTENCES} sentences read today.`;
  return `${read} sentences read today. That is enough; more is fine too.`;
}
