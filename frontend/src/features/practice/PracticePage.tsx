import { lazy, Suspense, useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";

import { useListening } from "../../contexts/ListeningContext";
import { useSession } from "../../contexts/SessionContext";
import { choiceFrom, rememberChoice } from "../../services/practiceChoice";
import { useTopics } from "../home/useTopics";
import { chosenIn, nameOf } from "./chosen";
import { PracticeScreen } from "./PracticeScreen";
import { useObjection } from "./useObjection";
import { usePractice } from "./usePractice";
import { endInWords } from "./storySoFar";
import { useSentences } from "./useSentences";
import { loadEnd, useStory } from "./useStory";

const EndOfStory = lazy(loadEnd);

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
  const { isLast, ending, end, again } = useStory(chosen.story !== undefined, sentences, scene.analysis);
  useBookmark(query, name, count === null ? null : place % count, ending !== null);
  const toTheEnd = () => {
    doings.onAgain(); // the last sentence is laid aside
    end();
  };
  return (
    <>
      {ending === null ? (
        <PracticeScreen scene={scene} doings={isLast ? { ...doings, onNext: toTheEnd } : doings} objections={objections} name={name} place={place} count={count} isLast={isLast} />
      ) : (
        <Suspense fallback={null}><EndOfStory title={name} ending={ending} onAgain={again} /></Suspense>
      )}
      <output className="sr-only">{ending !== null && endInWords(ending).join(" ")}</output>
    </>
  );
}

/** Where somebody is in a story, or in a text of their own, is where they go on the next time; not after its end. */
function useBookmark(query: URLSearchParams, name: string, place: number | null, isOver: boolean): void {
  const userId = useSession().user?.id ?? null;
  useEffect(() => {
    const { story, text } = choiceFrom(query);
    if (userId === null || place === null || (story === undefined && text === undefined)) return;
    const choice = { ...(story !== undefined && { story }), ...(text !== undefined && { text }), at: place + 1 };
    rememberChoice(userId, isOver ? null : { choice, name });
  }, [query, name, place, isOver, userId]);
}
