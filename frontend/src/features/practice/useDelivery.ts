import { useEffect, useRef, useState } from "react";

import { useKept } from "../../contexts/KeptTakesContext";
import type { HybridAnalysis } from "../../hooks/useHybridAudioAnalysis";
import { isAway, PATIENCE_MS, whereTo } from "../../hooks/whereTo";
import { newId } from "../../services/environment";
import { idFor } from "./idFor";
import type { Note } from "./note";
import type { Reading } from "./scene";

export type Delivery = {
  readonly note: Note;
  readonly setNote: (note: Note) => void;
  /** Readings that wait to be sent. */
  readonly waiting: number;
  /** A reading is complete: it goes off, or is kept. Resolves when this browser has done what it can. */
  readonly deliver: (reading: Reading) => Promise<void>;
  /** Nobody wants it any more: it is not kept either. */
  readonly throwAway: (reading: Reading) => void;
  /** One that has been sent before. */
  readonly resend: (reading: Reading) => Promise<void>;
  /** It has been handed in: should it not get there, it is kept, also when somebody has gone on or left the page meanwhile. */
  readonly follow: (requestId: string, audio: Blob, sentence: string) => void;
};

/** As much of a reading as is kept. */
type Take = Pick<Reading, "audio" | "sentence">;

/** What becomes of a reading: it is sent, or kept on this device until it can be. Each is saved once. `shown`: the one on the screen. */
export function useDelivery(hybrid: HybridAnalysis, shown: Reading | null): Delivery {
  const [note, setNote] = useState<Note>("none");
  const { waiting, keep, follow, isShown, throwAway } = useKeeping(hybrid, shown, setNote);
  const { analysis, status } = hybrid;
  const notHere = () => { setNote("not-here"); };
  const keepInstead = (reading: Take, requestId: string) => { keep(reading, requestId).catch(notHere); };
  useStuck(hybrid, (requestId) => {
    hybrid.forget();
    if (shown !== null) keepInstead(shown, requestId); // it may still get there by itself, and is the same reading then
  });

  const send = async (reading: Reading) => {
    if (whereTo(status) === "send") return hybrid.finish(reading.audio);
    hybrid.abandon();
    await keep(reading, newId()); // what went off of it before has been cancelled
  };
  return {
    note,
    setNote,
    waiting,
    throwAway,
    deliver: (reading) => send(reading).catch(notHere),
    resend: ({ audio, sentence }) => {
      setNote("none");
      return hybrid.sendAgain(audio, sentence, idFor(analysis)).catch(notHere);
    },
    follow: (requestId, audio, sentence) => {
      follow(requestId, { isShown: () => isShown(audio), keep: () => { keepInstead({ audio, sentence }, requestId); } });
    },
  };
}

/** Keeps a reading on this device, listened to as far as the browser does, and says so while it is on the screen. */
function useKeeping(hybrid: HybridAnalysis, shown: Reading | null, setNote: (note: Note) => void) {
  const kept = useKept();
  const latest = useRef(shown);
  const unwanted = useRef(new WeakSet<Blob>());
  useEffect(() => {
    latest.current = shown;
  });
  useEffect(() => () => { latest.current = null; }, []); // the page is left
  const isShown = (audio: Blob) => latest.current?.audio === audio;
  const keep = async ({ audio, sentence }: Take, requestId: string) => {
    const { audio: sendable, heard } = await hybrid.listen(audio, sentence);
    if (unwanted.current.has(audio)) return;
    const isKept = await kept.keep({ requestId, sentence, audio: sendable, recordedAt: Date.now(), ...(heard && { heard: withoutReport(heard) }) });
    if (!isShown(audio)) return; // somebody has gone on to the next
    setNote(isKept ? "kept" : "lost");
    if (heard !== null) hybrid.show(heard.report, requestId);
  };
  const throwAway = ({ audio }: Reading) => { unwanted.current.add(audio); };
  return { waiting: kept.waiting, follow: kept.follow, keep, isShown, throwAway };
}

/** Calls back when nobody has listened for longer than anybody should wait. */
function useStuck({ analysis, status }: HybridAnalysis, giveUp: (requestId: string) => void): void {
  const isStuck = analysis.phase === "listening" && isAway(status);
  const latest = useRef(giveUp);
  useEffect(() => {
    latest.current = giveUp;
  });
  const { requestId } = analysis;
  useEffect(() => {
    if (!isStuck || requestId === null) return;
    const timer = setTimeout(() => { latest.current(requestId); }, PATIENCE_MS);
    return () => { clearTimeout(timer); };
  }, [isStuck, requestId]);
}

function withoutReport({ phonemes, words }: { readonly phonemes: readonly (readonly string[])[]; readonly words: readonly string[] }) {
  return { phonemes, words };
}
