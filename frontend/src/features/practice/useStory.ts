import { useEffect, useRef, useState } from "react";

import type { Analysis } from "../../hooks/analysisReducer";
import { storyEnd, withReading, type StoryEnd, type StorySoFar } from "./storySoFar";
import type { Sentences } from "./useSentences";

export type Story = {
  /** After this sentence comes the end. */
  readonly isLast: boolean;
  /** How it went, once it is over; null: it goes on. */
  readonly ending: StoryEnd | null;
  readonly end: () => void;
  /** From its first sentence on. */
  readonly again: () => void;
};

const UNREAD: StorySoFar = new Map();

/** A story has an end: what was read until then, and how it went. */
export function useStory(isStory: boolean, { place, count, restart }: Sentences, analysis: Analysis): Story {
  const soFar = useRef(UNREAD);
  const [ending, setEnding] = useState<StoryEnd | null>(null);
  const isLast = isStory && count !== null && place % count === count - 1;

  useEffect(() => {
    soFar.current = withReading(soFar.current, place, analysis);
  }, [place, analysis]);
  useEffect(() => {
    if (isLast) loadEnd().catch(() => undefined); // it is asked for again when its turn comes
  }, [isLast]);

  return {
    isLast,
    ending,
    end: () => { setEnding(storyEnd(soFar.current, count ?? 0)); },
    again: () => {
      soFar.current = UNREAD;
      setEnding(null);
      restart();
    },
  };
}

/** The last page, which is loaded when somebody comes near it. */
export async function loadEnd() {
  return await import("./EndOfStory");
}
