import type { PhonemeReading, WordReading } from "../../services/audioProtocol";

/** A word of a report, right unless said otherwise. For tests. */
export function word(index: number, text: string, more: Partial<WordReading> = {}): WordReading {
  return {
    index,
    text,
    status: "correct",
    start_seconds: index * 0.4,
    end_seconds: index * 0.4 + 0.3,
    confidence: 0.9,
    accuracy: 100,
    phoneme_error_rate: 0,
    phonemes: [],
    ...more,
  };
}

/** A word that does not stand in the sentence. */
export function extra(text: string): WordReading {
  return { ...word(0, text), index: null, status: "inserted" };
}

const STANDARD_IPA: Readonly<Record<string, string>> = { SH: "ʃ", S: "s", IH: "ɪ", P: "p", K: "k", AE: "æ", T: "t" };

/** A sound of a word: what should have been said, and what was heard; null: nothing. */
export function sound(expected: string | null, heard: string | null = expected): PhonemeReading {
  return {
    expected,
    heard,
    expected_ipa: expected === null ? null : (STANDARD_IPA[expected] ?? expected),
    heard_ipa: heard === null ? null : (STANDARD_IPA[heard] ?? heard),
    status: statusOf(expected, heard),
    start_seconds: null,
    end_seconds: null,
    confidence: 0.9,
  };
}

function statusOf(expected: string | null, heard: string | null): PhonemeReading["status"] {
  if (expected === null) return "inserted";
  if (heard === null) return "omitted";
  return expected === heard ? "correct" : "substituted";
}
