import { useEffect, useRef, useState } from "react";

import { useKept } from "../../contexts/KeptTakesContext";
import type { HybridAnalysis } from "../../hooks/useHybridAudioAnalysis";
import { isAway, PATIENCE_MS, whereTo } from "../../hooks/whereTo";
import type { ErrorCode } from "../../services/audioProtocol";
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
  /** One that has been sent before. */
  readonly resend: (reading: Reading) => Promise<void>;
};

/** Ends of which the server may know nothing. */
const UNDELIVERED: ReadonlySet<ErrorCode> = new Set(["connection_failed", "unauthorized"]);

/** What becomes of a reading: it is sent, or kept on this device until it can be. Each is saved once. `shown`: the one on the screen. */
export function useDelivery(connection: AudioTransport, hybrid: HybridAnalysis, shown: Reading | null): Delivery {
  const [note, setNote] = useState<Note>("none");
  const { waiting, keep } = useKeeping(hybrid, shown, setNote);
  const { analysis, status } = hybrid;
  const notHere = () => { setNote("not-here"); };
  const keepInstead = (requestId: string) => {
    if (shown !== null) keep(shown, requestId).catch(notHere);
  };
  useUndelivered(connection, (requestId) => {
    if (requestId === analysis.requestId) keepInstead(requestId); // perhaps the server has it after all
  });
  useStuck(hybrid, (requestId) => {
    hybrid.forget();
    keepInstead(requestId); // it may still get there by itself, and is the same reading then
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
  useEffect(() => {
    latest.current = shown;
  });
  const keep = async ({ audio, sentence }: Reading, requestId: string) => {
    const { audio: sendable, heard } = await hybrid.listen(audio, sentence);
    const isKept = await kept.keep({ requestId, sentence, audio: sendable, recordedAt: Date.now(), ...(heard && { heard: withoutReport(heard) }) });
    if (latest.current?.audio !== audio) return; // somebody has gone on to the next
    setNote(isKept ? "kept" : "lost");
    if (heard !== null) hybrid.show(heard.report, requestId);
  };
  return { waiting: kept.waiting, keep };
}

/** Calls back with readings that did not get there. */
function useUndelivered(connection: AudioTransport, happened: (requestId: string) => void): void {
  const latest = useRef(happened);
  useEffect(() => {
    latest.current = happened;
  });
  useEffect(
    () =>
      // At once: when somebody has to sign in again, this page is gone before it is drawn another time.
      connection.onEvent((event) => {
        if (event.type === "error" && UNDELIVERED.has(event.data.code)) latest.current(event.request_id);
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
