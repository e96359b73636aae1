/** How many were connected, and when (ms since 1970). */
export type Point = { readonly at: number; readonly connections: number };

const MOST_POINTS = 90; // six minutes of a page that asks every four seconds

/** What was seen so far with one more; the same again is nothing new, and what is older than anybody looks back is forgotten. */
export function grown(trail: readonly Point[], point: Point): readonly Point[] {
  return trail.at(-1)?.at === point.at ? trail : [...trail, point].slice(-MOST_POINTS);
}
