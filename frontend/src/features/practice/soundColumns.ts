import type { PhonemeReading } from "../../services/audioProtocol";
import { SOUNDS } from "./sounds";

export type ShownSound = { readonly arpabet: string; readonly ipa: string; readonly friendly: string };

/** What should have been said above what was heard; null: nothing stands there. */
export type Column = {
  readonly key: string;
  readonly expected: ShownSound | null;
  readonly heard: ShownSound | null;
  readonly status: PhonemeReading["status"];
  readonly mark: string;
  /** For somebody who does not see it. */
  readonly spoken: string;
};

const SIGNS: Readonly<Record<PhonemeReading["status"], string>> = {
  correct: "✓",
  substituted: "~",
  omitted: "…",
  inserted: "+",
  unsure: "?",
};

/** Columns for the eye; in the order in which the sounds come. */
export function columnsOf(phonemes: readonly PhonemeReading[]): readonly Column[] {
  return phonemes.map((phoneme, place) => {
    const expected = shown(phoneme.expected, phoneme.expected_ipa);
    const heard = shown(phoneme.heard, phoneme.heard_ipa);
    const { status } = phoneme;
    return { key: `${place}`, expected, heard, status, mark: SIGNS[status], spoken: spoken(status, expected, heard) };
  });
}

function shown(arpabet: string | null, ipa: string | null): ShownSound | null {
  if (arpabet === null) return null;
  const sound = SOUNDS[arpabet];
  return { arpabet, ipa: ipa ?? sound?.ipa ?? arpabet, friendly: sound?.friendly ?? arpabet.toLowerCase() };
}

function spoken(status: Column["status"], expected: ShownSound | null, heard: ShownSound | null): string {
  const wanted = named(expected);
  switch (status) {
    case "correct":
      return `${wanted}, right`;
    case "substituted":
      return `${wanted}, heard ${named(heard)}`;
    case "omitted":
      return `${wanted}, not heard`;
    case "inserted":
      return `an extra sound, ${named(heard)}`;
    case "unsure":
      return `${wanted}, not sure`;
  }
}

function named(sound: ShownSound | null): string {
  if (sound === null) return "nothing";
  return SOUNDS[sound.arpabet]?.name ?? sound.friendly;
}
