const BEFORE_SECONDS = 0.08; // sounds begin before one notices them
const AFTER_SECONDS = 0.12;
const SHORTEST_SECONDS = 0.25;

export type Slice = { readonly offset: number; readonly duration: number };

/** What to play of a recording to hear one word, in seconds; null when it is not known where the word is. Pure. */
export function sliceOf(start: number | null, end: number | null, wholeSeconds: number): Slice | null {
  if (start === null || end === null || end < start || start >= wholeSeconds) return null;
  const offset = Math.max(0, start - BEFORE_SECONDS);
  const wanted = Math.max(end + AFTER_SECONDS - offset, SHORTEST_SECONDS);
  return { offset, duration: Math.min(wanted, wholeSeconds - offset) };
}
