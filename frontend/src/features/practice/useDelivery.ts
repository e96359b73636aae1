import { useEffect, useRef, useState } from "react";

import { useKept } from "../../contexts/KeptTakesContext";
import type { Take } from "../../hooks/useAudioRecorder";
import type { HybridAnalysis } from "../../hooks/useHybridAudioAnalysis";
import { isAway, PATIENCE_MS, whereTo } from "../../hooks/whereTo";
import type { ErrorCode } from "../../services/audioProtocol";
import type { AudioTransport } from "../../services/audioTransport";
import { newId } from "../../services/environment";
import { idFor } from "./idFor";
import type { Note } from "./note";

/** A take of a sentence, on the screen now. */
export type Reading = { readonly take: Take | null; readonly sentence: string | null };

export type Delivery = {
  readonly note: Note;
  readonly setNote: (note: Note) => void;
  /** Readings that wait to be sent. */
  readonly waiting: number;
  /** A take is complete: it goes off, or is kept. */
  readonly deliver: (take: Take) => void;
  /** The one on the screen, again. */
  readonly resend: () => void;
};

/** Ends of which the server may know nothing. */
const UNDELIVERED: ReadonlySet<ErrorCode> = new Set(["connection_failed", "unauthorized"]);

/** What becomes of a take: it is sent, or kept on this device until it can be. Each is saved once. */
export function useDelivery(connection: AudioTransport, hybrid: HybridAnalysis, reading: Reading): Delivery {
  const kept = useKept();
  const [note, setNote] = useState<Note>("none");
  const { analysis, status } = hybrid;
  const shown = useRef(reading);

  useEffect(() => {
    shown.current = reading;
  });

  const keep = async (audio: Blob, sentence: string, requestId: string) => {
    const { audio: sendable, heard } = await hybrid.listen(audio, sentence);
    const isKept = await kept.keep({ requestId, sentence, audio: sendable, recordedAt: Date.now(), ...(heard && { heard: withoutReport(heard) }) });
    if (shown.current.take?.audio !== audio) return; // somebody has gone on to the next
    setNote(isKept ? "kept" : "lost");
    if (heard !== null) hybrid.show(heard.report, requestId);
  };
  const keepInstead = (requestId: string) => {
    const { take, sentence } = reading;
    if (take !== null && sentence !== null) keep(take.audio, sentence, requestId).catch(() => { setNote("not-here"); });
  };
  const finish = async ({ audio }: Take) => {
    const { sentence } = reading;
    if (whereTo(status) === "send" || sentence === null) return hybrid.finish(audio);
    hybrid.abandon();
    await keep(audio, sentence, newId()); // what went off of it before has been cancelled
  };

  const undelivered = useRef<(requestId: string) => void>(() => undefined);
  useEffect(() => {
    undelivered.current = (requestId) => {
      if (requestId === analysis.requestId) keepInstead(requestId); // perhaps the server has it after all
    };
  });
  useEffect(
    () =>
      // At once: when somebody has to sign in again, this page is gone before it is drawn another time.
      connection.onEvent((event) => {
        if (event.type === "error" && UNDELIVERED.has(event.data.code)) undelivered.current(event.request_id);
      }),
    [connection],
  );

  const stuck = analysis.phase === "listening" && isAway(status);
  useEffect(() => {
    const { requestId } = analysis;
    if (!stuck || requestId === null) return;
    const giveUp = () => {
      hybrid.forget();
      keepInstead(requestId); // it may still get there by itself, and is the same reading then
    };
    const timer = setTimeout(giveUp, PATIENCE_MS);
    return () => { clearTimeout(timer); };
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [stuck]);

  return {
    note,
    setNote,
    waiting: kept.waiting,
    deliver: (take) => { finish(take).catch(() => { setNote("not-here"); }); },
    resend: () => {
      const { take, sentence } = reading;
      setNote("none");
      if (take === null) return;
      hybrid.sendAgain(take.audio, sentence ?? "", idFor(analysis)).catch(() => { setNote("not-here"); });
    },
  };
}

function withoutReport({ phonemes, words }: { readonly phonemes: readonly (readonly string[])[]; readonly words: readonly string[] }) {
  return { phonemes, words };
}
