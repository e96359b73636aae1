import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { useSession } from "../../contexts/SessionContext";
import { getNextSentence, type NextSentence, type Wanted } from "../../services/api/practice";
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
  /** Some of those that come after it, when they are wanted and known. */
  readonly upcoming: readonly string[];
  /** How many there are, before it begins again; null: no end. */
  readonly count: number | null;
  /** How many came before it. */
  readonly place: number;
  /** `advised`: what the coach would read next, when nothing was chosen. */
  readonly next: (advised: string | null) => void;
  /** From the first one on. */
  readonly restart: () => void;
};

/** It stays until its reader goes on: nobody is asked again what stands here already. */
type Shown = NextSentence & { readonly place: number };

const NOT_YET = { sentence: null, count: null };

const AHEAD = 3; // sentences: a minute or two without a network
const NONE: readonly string[] = [];

/**
 * One sentence after the other: of one's own text, of what was chosen, or as the coach advises. `ahead`: have the next
 * ones at hand, so that one can read on without a network.
 */
export function useSentences(chosen: Chosen, ahead: boolean): Sentences {
  const { sound, level, story, own } = chosen;
  const { token } = useSession();
  const [place, setPlace] = useState(chosen.start);
  /** The sentence before; undefined at first. */
  const [after, setAfter] = useState<string | undefined>();
  const [advised, setAdvised] = useState<string | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const mine = own.length > 0 ? (own[place % own.length] ?? null) : advised;
  const isShown = shown?.place === place;

  const found = useQuery({ ...nextSentence({ sound, level, story, after }, place, token), enabled: mine === null && token !== null && !isShown });
  const atHand = found.isError ? { sentence: AT_HAND[place % AT_HAND.length] ?? "", count: null } : null;
  const offered = mine === null ? (found.data ?? atHand) : { sentence: mine, count: null };
  if (!isShown && offered !== null) setShown({ place, ...offered });
  const { sentence, count } = (isShown ? shown : offered) ?? NOT_YET;

  const upcoming = useUpcoming(chosen, sentence, place, ahead);

  const next = useCallback(
    (suggestion: string | null) => {
      setAfter(sentence ?? undefined);
      setAdvised(sound === undefined && level === undefined && story === undefined ? suggestion : null);
      setPlace((before) => before + 1);
    },
    [sentence, sound, level, story],
  );
  const restart = useCallback(() => {
    setAfter(undefined);
    setAdvised(null);
    setPlace(0);
  }, []);
  return { sentence, upcoming, place, count: own.length > 0 ? own.length : count, next, restart };
}

function nextSentence(wanted: Wanted, place: number, token: string | null) {
  const { sound, level, story, after } = wanted;
  return queryOptions({
    queryKey: ["sentence", sound ?? "", level ?? 0, story ?? "", after ?? "", place],
    queryFn: async ({ signal }) => await getNextSentence({ ...wanted, number: place + 1 }, { token: token ?? "", signal }),
    staleTime: Infinity,
    gcTime: Infinity, // some hundred letters
    networkMode: "always", // without a network the sentences at hand come at once
    retry: false,
  });
}

/** Asked for in the same way as when their turn comes, so that they need not be asked for then. */
function useUpcoming({ sound, level, story, own }: Chosen, sentence: string | null, place: number, wanted: boolean): readonly string[] {
  const { token } = useSession();
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ["upcoming", sound ?? "", level ?? 0, story ?? "", sentence ?? "", place],
    queryFn: async () => {
      const found: string[] = [];
      for (let count = 1; count <= AHEAD; count += 1) {
        const after = found.at(-1) ?? sentence ?? undefined;
        found.push((await client.fetchQuery(nextSentence({ sound, level, story, after }, place + count, token))).sentence);
      }
      return found;
    },
    enabled: wanted && own.length === 0 && sentence !== null && token !== null,
    staleTime: Infinity,
    retry: false,
  });
  const mine = useMemo(() => Array.from({ length: Math.min(AHEAD, own.length) }, (_, count) => own[(place + 1 + count) % own.length] ?? ""), [own, place]);
  return own.length > 0 ? mine : (data ?? NONE);
}
