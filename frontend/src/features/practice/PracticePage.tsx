import { useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";

import { useListening } from "../../contexts/ListeningContext";
import { useSession } from "../../contexts/SessionContext";
import { choiceFrom, rememberChoice } from "../../services/practiceChoice";
import { useTopics } from "../home/useTopics";
import { chosenIn, nameOf } from "./chosen";
import { PracticeScreen } from "./PracticeScreen";
import { useObjection } from "./useObjection";
import { usePractice } from "./usePractice";
import { useSentences } from "./useSentences";

export default function PracticePage() {
  const [query] = useSearchParams();
  return <Practice key={query.toString()} query={query} />;
}

/** Another choice is another visit: everything begins anew. */
function Practice({ query }: { readonly query: URLSearchParams }) {
  const chosen = useMemo(() => chosenIn(query), [query]);
  const sentences = useSentences(chosen, useListening().extractor !== null);
  const [scene, doings] = usePractice(sentences);
  const objections = useObjection(scene.analysis.requestId);
  const title = useTopics().data?.stories.find(({ story }) => story === chosen.story)?.title;
  const name = nameOf(chosen, title);
  const { place, count } = sentences;
  useBookmark(query, name, count === null ? null : place % count);
  return <PracticeScreen scene={scene} doings={doings} objections={objections} name={name} place={place} count={count} />;
}

/** Where somebody is in a story, or in a text of their own, is where they go on the next time. */
function useBookmark(query: URLSearchParams, name: string, place: number | null): void {
  const userId = useSession().user?.id ?? null;
  useEffect(() => {
    const { story, text } = choiceFrom(query);
    if (userId === null || place === null || (story === undefined && text === undefined)) return;
    rememberChoice(userId, { choice: { ...(story !== undefined && { story }), ...(text !== undefined && { text }), at: place + 1 }, name });
  }, [query, name, place, userId]);
}
