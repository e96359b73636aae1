import { useMemo } from "react";
import { useSearchParams } from "react-router";

import { useListening } from "../../contexts/ListeningContext";
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
  const { place } = sentences;
  const count = chosen.own.length > 0 ? chosen.own.length : null;
  return <PracticeScreen scene={scene} doings={doings} objections={objections} name={nameOf(chosen)} place={place} count={count} />;
}
