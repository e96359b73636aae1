import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { useSession } from "../../contexts/SessionContext";
import { getNextSentence } from "../../services/api/practice";
import type { Chosen } from "./chosen";

/** To read while the server is away, until what was chosen can be asked for. */
const AT_HAND = [
  "The cat sat on the mat.",
  "The ship is at the fish shop.",
  "We ran up the hill in the sun.",
  "She has a red hat and a big bag.",
] as const;

export type Sentences = {
  /** null: it is on its way. */
  readonly sentence: string | null;
  /** How many came before it on this visit. */
  readonly place: number;
  /** `advised`: what the coach would read next, when nothing was chosen. */
  readonly next: (advised: string | null) => void;
};

/** One sentence after the other: of one's own text, of what was chosen, or as the coach advises. */
export function useSentences({ sound, level, own }: Chosen): Sentences {
  const { token } = useSession();
  const [place, setPlace] = useState(0);
  /** The sentence before; undefined at first. */
  const [after, setAfter] = useState<string | undefined>();
  const [advised, setAdvised] = useState<string | null>(null);
  const mine = own.length > 0 ? (own[place % own.length] ?? null) : advised;

  const found = useQuery({
    queryKey: ["sentence", sound ?? "", level ?? 0, after ?? "", place],
    queryFn: async ({ signal }) => (await getNextSentence({ sound, level, after }, { token: token ?? "", signal })).sentence,
    enabled: mine === null && token !== null,
    staleTime: Infinity,
    networkMode: "always", // without a network the sentences at hand come at once
    retry: false,
  });
  const sentence = mine ?? found.data ?? (found.isError ? (AT_HAND[place % AT_HAND.length] ?? null) : null);

  const next = useCallback(
    (suggestion: string | null) => {
      setAfter(sentence ?? undefined);
      setAdvised(sound === undefined && level === undefined ? suggestion : null);
      setPlace((before) => before + 1);
    },
    [sentence, sound, level],
  );
  return { sentence, place, next };
}
