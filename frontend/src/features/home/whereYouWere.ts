import type { NamedChoice } from "../../services/practiceChoice";

/** The way back, in words. Pure. */
export function whereYouWere({ name, choice: { at } }: NamedChoice): string {
  return at === undefined || at === 1 ? `Where you were: ${name}` : `Where you were: ${name}, sentence ${at}`;
}
