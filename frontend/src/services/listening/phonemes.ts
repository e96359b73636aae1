/** The sounds of English as the listening model knows them. Class 0 of the model is the blank, class i + 1 is PHONEMES[i]. */
export const PHONEMES: readonly string[] = (
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
).split(" ");

export const BLANK = 0;
export const CLASSES = PHONEMES.length + 1;

/** Pairs that many good readers do not tell apart: cot and caught, the weak vowels of roses and Rosa's. As the server. */
const ALIKE: ReadonlyMap<string, string> = new Map([
  ["AO", "AA"],
  ["ZH", "SH"],
  ["IH", "AH"],
]);

const VOWELS: ReadonlySet<string> = new Set("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split(" "));

/** ARPAbet, without stress. */
export type Pronunciation = readonly string[];

/** Phonemes that count as the same have the same. */
export function soundOf(phoneme: string): string {
  return ALIKE.get(phoneme) ?? phoneme;
}

/** The pronunciations, and each as half of the English-speaking world says it: "pahk" for park, "liddle". As the server. */
export function withAccents(pronunciations: readonly Pronunciation[]): readonly Pronunciation[] {
  const changed = pronunciations.flatMap((one) => [withoutFinalR(one), withTappedT(one)]);
  const byName = new Map([...pronunciations, ...changed].map((one) => [one.join(" "), one]));
  return [...byName.values()];
}

/** Without each r that follows a vowel and comes before no other. */
function withoutFinalR(said: Pronunciation): Pronunciation {
  return said.filter((phoneme, place) => !(phoneme === "R" && isVowel(said[place - 1]) && !isVowel(said[place + 1])));
}

/** Each t between vowels as a short d. */
function withTappedT(said: Pronunciation): Pronunciation {
  return said.map((phoneme, place) => (phoneme === "T" && isVowel(said[place - 1]) && isVowel(said[place + 1]) ? "D" : phoneme));
}

function isVowel(phoneme: string | undefined): boolean {
  return phoneme !== undefined && VOWELS.has(phoneme);
}
