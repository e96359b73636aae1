import { useEffect, useRef, useState } from "react";

import { useKept } from "../../contexts/KeptTakesContext";
import { isUnderWay, type Analysis } from "../../hooks/analysisReducer";
import type { HybridAnalysis } from "../../hooks/useHybridAudioAnalysis";
import { isAway, PATIENCE_MS, whereTo } from "../../hooks/whereTo";
import { isTerminal, type ErrorCode } from "../../services/audioProtocol";
import type { AudioTransport } from "../../services/audioTransport";
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
};

/** Ends of which the server may know nothing. */
const UNDELIVERED: ReadonlySet<ErrorCode> = new Set(["connection_failed", "unauthorized"]);

/** What becomes of a reading: it is sent, or kept on this device until it can be. Each is saved once. `shown`: the one on the screen. */
export function useDelivery(connection: AudioTransport, hybrid: HybridAnalysis, shown: Reading | null): Delivery {
  const [note, setNote] = useState<Note>("none");
  const { waiting, keep, throwAway } = useKeeping(hybrid, shown, setNote);
  const { analysis, status } = hybrid;
  const notHere = () => { setNote("not-here"); };
  const keepInstead = (reading: Reading, requestId: string) => { keep(reading, requestId).catch(notHere); };
  useUndelivered(connection, analysis, shown, keepInstead); // perhaps the server has it after all
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
  const keep = async ({ audio, sentence }: Reading, requestId: string) => {
    const { audio: sendable, heard } = await hybrid.listen(audio, sentence);
    if (unwanted.current.has(audio)) return;
    const isKept = await kept.keep({ requestId, sentence, audio: sendable, recordedAt: Date.now(), ...(heard && { heard: withoutReport(heard) }) });
    if (latest.current?.audio !== audio) return; // somebody has gone on to the next
    setNote(isKept ? "kept" : "lost");
    if (heard !== null) hybrid.show(heard.report, requestId);
  };
  const throwAway = ({ audio }: Reading) => { unwanted.current.add(audio); };
  return { waiting: kept.waiting, keep, throwAway };
}

/** Calls back with readings that did not get there, also when somebody has gone on to the next sentence meanwhile. */
function useUndelivered(connection: AudioTransport, analysis: Analysis, shown: Reading | null, keep: (reading: Reading, requestId: string) => void): void {
  const underWay = useRef(new Map<string, Reading>());
  const latest = useRef(keep);
  const { requestId } = analysis;
  useEffect(() => {
    latest.current = keep;
    if (shown !== null && requestId !== null && isUnderWay(analysis)) underWay.current.set(requestId, shown);
  });
  useEffect(
    () =>
      // At once: when somebody has to sign in again, this page is gone before it is drawn another time.
      connection.onEvent((event) => {
        const reading = underWay.current.get(event.request_id);
        if (reading === undefined || !isTerminal(event)) return;
        underWay.current.delete(event.request_id);
        if (event.type === "error" && UNDELIVERED.has(event.data.code)) latest.current(reading, event.request_id);
      }),
    [connection],
  );
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
