import type { Group, SoundTopic } from "../../services/api/practice";

/** Sounds as a learner meets them: vowels first. */
const FAMILIES: readonly { readonly name: string; readonly groups: readonly Group[] }[] = [
  { name: "Short vowels", groups: ["short_vowel"] },
  { name: "Long vowels", groups: ["long_vowel", "diphthong", "r_vowel"] },
  { name: "Sounds that pop", groups: ["stop", "affricate"] },
  { name: "Sounds that blow or buzz", groups: ["fricative"] },
  { name: "Sounds through the nose", groups: ["nasal"] },
  { name: "Sounds that glide", groups: ["approximant"] },
];

export type Family = { readonly name: string; readonly sounds: readonly SoundTopic[] };

/** The sounds by family, each family in the order that was given. Families without sounds are left out. */
export function families(sounds: readonly SoundTopic[]): readonly Family[] {
  return FAMILIES.map(({ name, groups }) => ({ name, sounds: sounds.filter((sound) => groups.includes(groupOf(sound))) })).filter(
    (family) => family.sounds.length > 0,
  );
}

/** As it is called in class: "the short o" is a short vowel, however long it is held. */
function groupOf({ group, name }: SoundTopic): Group {
  return name.startsWith("the short ") ? "short_vowel" : group;
}

/** The letters a sound is best known by: those in its name ("the /sh/ sound", "the short a"), else its first spelling. */
export function lettersOf({ name, spellings }: Pick<SoundTopic, "name" | "spellings">): string {
  return /\/(.+?)\//.exec(name)?.[1] ?? /\b(?:short|long) (\w+)$/.exec(name)?.[1] ?? spellings[0] ?? name;
}
