import { listOf, number, numberOrNull, oneOf, record, text, type Json } from "./decode";
import { call, type Caller } from "./http";

export const GROUPS = [
  "short_vowel",
  "long_vowel",
  "diphthong",
  "r_vowel",
  "stop",
  "affricate",
  "fricative",
  "nasal",
  "approximant",
] as const;
export type Group = (typeof GROUPS)[number];

/** One of the 39 sounds. */
export type SoundTopic = {
  /** ARPAbet. */
  readonly sound: string;
  readonly ipa: string;
  readonly group: Group;
  /** What a child calls it: "the /sh/ sound". */
  readonly name: string;
  /** The word it is known by. */
  readonly keyword: string;
  /** How the mouth makes it. */
  readonly how: string;
  /** The most usual first. */
  readonly spellings: readonly string[];
  readonly words: readonly string[];
};

export type LevelTopic = { readonly level: number; readonly what: string; readonly sentences: number };
/** `story`: its name in addresses. */
export type StoryTopic = { readonly story: string; readonly title: string; readonly level: number; readonly sentences: number };
export type Topics = { readonly sounds: readonly SoundTopic[]; readonly levels: readonly LevelTopic[]; readonly stories: readonly StoryTopic[] };

export type NextSentence = {
  readonly sentence: string;
  /** Of the sentences in the story; null: it stands in none. */
  readonly count: number | null;
};

/** What is asked of the next sentence; `after` is the one before. Of a story, its `number`, from 1, says which. */
export type Wanted = {
  readonly sound?: string | undefined;
  readonly level?: number | undefined;
  readonly after?: string | undefined;
  readonly story?: string | undefined;
  readonly number?: number | undefined;
};

export async function getTopics(caller: Caller): Promise<Topics> {
  const topics = record(await call("/api/practice/topics", caller));
  return {
    sounds: listOf(topics["sounds"], soundTopic),
    levels: listOf(topics["levels"], levelTopic),
    stories: listOf(topics["stories"], storyTopic),
  };
}

export async function getNextSentence({ sound, level, after, story, number: place }: Wanted, caller: Caller): Promise<NextSentence> {
  const query = new URLSearchParams();
  if (sound !== undefined) query.set("sound", sound);
  if (level !== undefined) query.set("level", String(level));
  if (after !== undefined) query.set("after", after);
  if (story !== undefined) query.set("story", story);
  if (story !== undefined && place !== undefined) query.set("number", String(place));
  const next = record(await call(`/api/practice/next?${query}`, caller));
  return { sentence: text(next["sentence"]), count: numberOrNull(next["count"]) };
}

/** The text as it can be read. An ApiError says why it cannot. */
export async function checkText(own: string, caller: Caller): Promise<string> {
  const checked = record(await call("/api/practice/check", { ...caller, method: "POST", body: { text: own } }));
  return text(checked["sentence"], own);
}

function soundTopic(value: unknown): SoundTopic {
  const topic: Json = record(value);
  return {
    sound: text(topic["sound"]),
    ipa: text(topic["ipa"]),
    group: oneOf(GROUPS, topic["group"], "fricative"),
    name: text(topic["name"]),
    keyword: text(topic["keyword"]),
    how: text(topic["how"]),
    spellings: listOf(topic["spellings"], (spelling) => text(spelling)),
    words: listOf(topic["words"], (word) => text(word)),
  };
}

function levelTopic(value: unknown): LevelTopic {
  const topic = record(value);
  return { level: number(topic["level"]), what: text(topic["what"]), sentences: number(topic["sentences"]) };
}

function storyTopic(value: unknown): StoryTopic {
  const topic = record(value);
  return { story: text(topic["story"]), title: text(topic["title"]), level: number(topic["level"]), sentences: number(topic["sentences"]) };
}
