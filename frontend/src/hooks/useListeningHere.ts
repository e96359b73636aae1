import { useEffect, useMemo, useRef, useState } from "react";

import type { Caller } from "../services/api/http";
import type { ExtractorState, PhonemeExtractor } from "../services/listening/phonemeExtractor";
import type { Extractor } from "./heard";

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
  /** Of what is loaded, 0 to 1. */
  readonly progress: number;
};

/** The browser's own ears: loaded when they are wanted, with their code, and let go of when they are not. */
export function useListeningHere({ wanted, keepOnDevice, token }: ListeningOptions): ListeningHere {
  const [state, setState] = useState<ExtractorState>("off");
  const [progress, setProgress] = useState(0);
  const [extractor, setExtractor] = useState<PhonemeExtractor | null>(null);
  const caller = useRef<Caller>({});

  useEffect(() => {
    caller.current = { token: token ?? undefined };
  });
  useEffect(() => {
    if (!wanted) return;
    let made: PhonemeExtractor | null = null;
    let isOver = false;
    const begin = async () => {
      const [{ createPhonemeExtractor }, { browserListening }] = await Promise.all([
        import("../services/listening/phonemeExtractor"),
        import("../services/listening/browserListening"),
      ]);
      if (isOver) return;
      made = createPhonemeExtractor(browserListening(() => caller.current));
      made.onState(setState);
      setExtractor(made);
      await made.load(setProgress);
    };
    begin().catch(() => { if (!isOver) setState("failed"); }); // the code itself could not be loaded
    return () => {
      isOver = true;
      made?.dispose();
      setExtractor(null);
      setState("off");
      setProgress(0);
    };
  }, [wanted]);

  const ready = state === "ready" || (keepOnDevice && state === "loading");
  return useMemo(() => {
    if (extractor === null) return { extractor: null, state, progress };
    const extract: Extractor["extract"] = async (audio, sentence) => {
      await extractor.load();
      const heard = await extractor.hear(audio, sentence);
      if (heard === undefined) throw new Error("The server should listen.");
      return { phonemes: heard.clientPhonemes, words: heard.clientWords };
    };
    return { extractor: { ready, extract }, state, progress };
  }, [extractor, ready, state, progress]);
}
