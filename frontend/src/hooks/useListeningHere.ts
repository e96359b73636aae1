import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import type { Caller } from "../services/api/http";
import type { ExtractorState, LoadProgress, PhonemeExtractor } from "../services/listening/phonemeExtractor";
import type { ListeningProblem } from "../services/listening/problem";
import type { Extractor } from "./heard";
import { storeOf, type Store } from "./store";

export type ListeningOptions = {
  /** Somebody wants this browser to listen. */
  readonly wanted: boolean;
  /** No recording may be sent: one that is made while the models are still coming waits for them. */
  readonly keepOnDevice: boolean;
  readonly token: string | null;
};

export type ListeningHere = {
  /** null: the browser does not listen. */
  readonly extractor: Extractor | null;
  readonly state: ExtractorState;
  /** Why it does not, when it is wanted and failed or never can. */
  readonly problem: ListeningProblem | null;
  /** Of what is loaded; changes often while it is. */
  readonly progress: Store<LoadProgress>;
  /** After it failed. */
  readonly retry: () => void;
};

const NOTHING: LoadProgress = { loaded: 0, whole: 0 };

/** The browser's own ears: loaded when they are wanted, with their code, and let go of when they are not. */
export function useListeningHere({ wanted, keepOnDevice, token }: ListeningOptions): ListeningHere {
  const [progress] = useState(() => storeOf(NOTHING));
  const { extractor, state, problem, retry } = useExtractor(wanted, token, progress);
  const ready = state === "ready" || (keepOnDevice && state === "loading");
  return useMemo(
    () => ({ extractor: extractor === null ? null : earsOf(extractor, ready), state, problem, progress, retry }),
    [extractor, ready, state, problem, progress, retry],
  );
}

function earsOf(extractor: PhonemeExtractor, ready: boolean): Extractor {
  return {
    ready,
    extract: async (audio, sentence) => {
      await extractor.load();
      const heard = await extractor.hear(audio, sentence);
      if (heard === undefined) throw new Error("The server should listen.");
      return { phonemes: heard.clientPhonemes, words: heard.clientWords, report: heard.report };
    },
    prepare: (sentences) => void extractor.prepare(sentences),
  };
}

/** Made when it is wanted, and loaded; again when that failed and the network is back. */
function useExtractor(wanted: boolean, token: string | null, progress: Store<LoadProgress>) {
  const [state, setState] = useState<ExtractorState>("off");
  const [problem, setProblem] = useState<ListeningProblem | null>(null);
  const [extractor, setExtractor] = useState<PhonemeExtractor | null>(null);
  const again = useRef<() => void>(() => undefined);
  const caller = useRef<Caller>({});

  useEffect(() => {
    caller.current = { token: token ?? undefined };
  });
  useEffect(() => {
    if (!wanted) return;
    let made: PhonemeExtractor | null = null;
    let isOver = false;
    const show = (shown: ExtractorState, why: ListeningProblem | null) => {
      if (isOver) return;
      setState(shown);
      setProblem(why);
    };
    const load = async () => {
      if (made === null) show("loading", null);
      const extractorHere = made ?? (await makeExtractor(() => caller.current, show));
      if (isOver) return;
      made = extractorHere;
      setExtractor(made);
      await made.load(progress.set);
    };
    again.current = () => {
      load().catch(() => { show("failed", "unreachable"); }); // the code itself could not be loaded
    };
    again.current();
    return () => {
      isOver = true;
      again.current = () => undefined;
      made?.dispose();
      setExtractor(null);
      setState("off");
      setProblem(null);
      progress.set(NOTHING);
    };
  }, [wanted, progress]);

  const retry = useCallback(() => { again.current(); }, []);
  useEffect(() => {
    if (problem !== "unreachable") return;
    globalThis.addEventListener("online", retry);
    return () => { globalThis.removeEventListener("online", retry); };
  }, [problem, retry]);
  return { extractor, state, problem, retry };
}

/** With its code, which is loaded only for those who want it. */
async function makeExtractor(caller: () => Caller, show: (state: ExtractorState, why: ListeningProblem | null) => void): Promise<PhonemeExtractor> {
  const [{ createPhonemeExtractor }, { browserListening }] = await Promise.all([
    import("../services/listening/phonemeExtractor"),
    import("../services/listening/browserListening"),
  ]);
  const fresh = createPhonemeExtractor(browserListening(caller));
  fresh.onState((shown) => { show(shown, fresh.problem); });
  return fresh;
}
