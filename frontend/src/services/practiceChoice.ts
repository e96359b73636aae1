import { number, record, text } from "./api/decode";

/** What somebody chose to practise. Nothing at all: what helps most, as the server thinks. */
export type PracticeChoice = {
  /** ARPAbet, such as SH. */
  readonly sound?: string;
  /** 1 to 5. */
  readonly level?: number;
  /** A text of one's own. */
  readonly text?: string;
};

/** A choice and what to call it. */
export type NamedChoice = { readonly choice: PracticeChoice; readonly name: string };

export const LAST_CHOICE = "choice";

/** The address of the practice page for a choice: /practice?sound=SH */
export function practiceAddress({ sound, level, text: own }: PracticeChoice): string {
  const query = new URLSearchParams();
  if (sound !== undefined) query.set("sound", sound);
  if (level !== undefined) query.set("level", String(level));
  if (own !== undefined) query.set("text", own);
  return query.size === 0 ? "/practice" : `/practice?${query}`;
}

/** The choice in the address of the practice page. What makes no sense is left out. */
export function choiceFrom(query: URLSearchParams): PracticeChoice {
  const sound = query.get("sound")?.toUpperCase() ?? "";
  const level = Number(query.get("level"));
  const own = query.get("text")?.trim() ?? "";
  return {
    ...(/^[A-Z]{1,2}$/.test(sound) && { sound }),
    ...(Number.isInteger(level) && level >= 1 && level <= 5 && { level }),
    ...(own !== "" && { text: own }),
  };
}

export function namedChoice(stored: string | null): NamedChoice | null {
  const { name, choice } = record(parse(stored));
  if (typeof name !== "string") return null;
  const { sound, level, text: own } = record(choice);
  const query = new URLSearchParams();
  if (sound !== undefined) query.set("sound", text(sound));
  if (level !== undefined) query.set("level", String(number(level)));
  if (own !== undefined) query.set("text", text(own));
  return { name, choice: choiceFrom(query) };
}

function parse(stored: string | null): unknown {
  try {
    return JSON.parse(stored ?? "");
  } catch {
    return undefined;
  }
}
