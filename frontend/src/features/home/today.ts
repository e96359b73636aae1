import type { Day } from "../../services/api/progress";

/** Sentences in about five minutes: half a minute each, with looking at what was heard. */
export const TODAYS_SENTENCES = 10;

/** How many sentences were read on the server's present day. */
export function readToday(days: readonly Day[], now: Date): number {
  const today = now.toISOString().slice(0, "2026-11-23".length);
  return days.find(({ date }) => date === today)?.readings ?? 0;
}

export function todayInWords(read: number): string {
  if (read === 0) return "Ten sentences take about five minutes.";
  if (read < TODAYS_SENTENCES) return `${read} of ${TODAYS_SENTENCES} sentences read today.`;
  return `${read} sentences read today. That is enough; more is fine too.`;
}
