import { number, record, text } from "./api/decode";
import { remember, remembered } from "./storage";

/** What somebody chose to practise. Nothing at all: what helps most, as the server thinks. */
export type PracticeChoice = {
  /** ARPAbet, such as SH. */
  readonly sound?: string;
  /** 1 to 5. */
  readonly level?: number;
  /** Its name in addresses. */
  readonly story?: string;
  /** A text of one's own. */
  readonly text?: string;
  /** Of a story or a text, the sentence to go on with, from 1. */
  readonly at?: number;
};

/** A choice and what to call it. */
export type NamedChoice = { readonly choice: PracticeChoice; readonly name: string };

const LAST_CHOICE = "choice";

/** For the next time this user is here, on this device; null: nothing. */
export function rememberChoice(userId: number, named: NamedChoice | null): void {
  remember(LAST_CHOICE, named === null ? null : JSON.stringify({ user: userId, ...named }));
}

/** What this user chose last; what somebody else did on the same device is nobody's business. */
export function lastChoice(userId: number): NamedChoice | null {
  const stored = remembered(LAST_CHOICE);
  return record(parse(stored))["user"] === userId ? namedChoice(stored) : null;
}

/** The address of the practice page for a choice: /practice?sound=SH */
export function practiceAddress({ sound, level, story, text: own, at }: PracticeChoice): string {
  const query = new URLSearchParams();
  if (sound !== undefined) query.set("sound", sound);
  if (level !== undefined) query.set("level", String(level));
  if (story !== undefined) query.set("story", story);
  if (own !== undefined) query.set("text", own);
  if (at !== undefined && at > 1) query.set("at", String(at));
  return query.size === 0 ? "/practice" : `/practice?${query}`;
}

const STORY = /^[a-z][a-z-]{0,39}$/;
const MOST_SENTENCES = 1000; // of a story or a text; far more than there are

/** The choice in the address of the practice page. What makes no sense is left out. */
export function choiceFrom(query: URLSearchParams): PracticeChoice {
  const sound = query.get("sound")?.toUpperCase() ?? "";
  const level = Number(query.get("level"));
  const own = query.get("text")?.trim() ?? "";
  const story = query.get("story") ?? "";
  const at = Number(query.get("at"));
  return {
    ...(/^[A-Z]{1,2}$/.test(sound) && { sound }),
    ...(Number.isInteger(level) && level >= 1 && level <= 5 && { level }),
    ...(STORY.test(story) && { story }),
    ...(own !== "" && { text: own }),
    ...(Number.isInteger(at) && at > 1 && at <= MOST_SENTENCES && { at }),
  };
}

export function namedChoice(stored: string | null): NamedChoice | null {
  const { name, choice } = record(parse(stored));
  if (typeof name !== "string") return null;
  const { sound, level, story, text: own, at } = record(choice);
  const query = new URLSearchParams();
  if (sound !== undefined) query.set("sound", text(sound));
  if (level !== undefined) query.set("level", String(number(level)));
  if (story !== undefined) query.set("story", text(story));
  if (own !== undefined) query.set("text", text(own));
  if (at !== undefined) query.set("at", String(number(at)));
  return { name, choice: choiceFrom(query) };
}

function parse(stored: string | null): unknown {
  try {
    return JSON.parse(stored ?? "");
  } catch {
    return undefined;
  }
}
