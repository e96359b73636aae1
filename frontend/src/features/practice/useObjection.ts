import { useCallback, useState } from "react";

import { useSession } from "../../contexts/SessionContext";
import { objectTo } from "../../services/api/objections";
import type { ObjectionState } from "./WordSheet";

/** The words of one reading whose reader says that they were right. */
type Kept = { readonly requestId: string | null; readonly words: ReadonlyMap<number, ObjectionState> };

export type Objections = {
  readonly of: (wordIndex: number | null) => ObjectionState;
  readonly send: (wordIndex: number) => Promise<void>;
};

/** "I said it right", for the words of one reading. */
export function useObjection(requestId: string | null): Objections {
  const { token } = useSession();
  const [kept, setKept] = useState<Kept>({ requestId, words: new Map() });

  const mark = useCallback(
    (wordIndex: number, state: ObjectionState) => {
      setKept((before) => {
        const words = before.requestId === requestId ? before.words : [];
        return { requestId, words: new Map([...words, [wordIndex, state]]) };
      });
    },
    [requestId],
  );
  const send = useCallback(
    async (wordIndex: number) => {
      if (requestId === null || token === null) return;
      mark(wordIndex, "sending");
      try {
        await objectTo({ requestId, wordIndex }, { token });
        mark(wordIndex, "kept");
      } catch {
        mark(wordIndex, "failed");
      }
    },
    [mark, requestId, token],
  );
  const of = (wordIndex: number | null): ObjectionState =>
    kept.requestId === requestId && wordIndex !== null ? (kept.words.get(wordIndex) ?? "none") : "none";
  return { of, send };
}
