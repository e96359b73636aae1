import type { KeptTake } from "../services/keptTakes";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });

/** What became of a reading that was kept, and in which nothing can be heard. Pure. */
export function droppedInWords({ sentence, recordedAt }: Pick<KeptTake, "sentence" | "recordedAt">): string {
  return `Nothing could be heard in your reading of ${DAY.format(recordedAt)}, “${sentence}” It is not kept any longer; you can read it again.`;
}
