import { useEffect, useRef, useState } from "react";

import { useConnection } from "../../contexts/ConnectionContext";
import { useListening } from "../../contexts/ListeningContext";
import { useSettings } from "../../contexts/SettingsContext";
import type { Analysis } from "../../hooks/analysisReducer";
import { useAudioRecorder, type AudioRecorder } from "../../hooks/useAudioRecorder";
import { useHybridAudioAnalysis } from "../../hooks/useHybridAudioAnalysis";
import type { TransportStatus } from "../../services/audioTransport";
import type { Note } from "./note";
import type { Reading } from "./scene";
import { useDelivery } from "./useDelivery";

/** The reading of one sentence: recorded, sent, and what is known of it. */
export type OneReading = {
  readonly recorder: AudioRecorder;
  readonly analysis: Analysis;
  readonly status: TransportStatus;
  /** It is read, and nothing is known yet. */
  readonly isListening: boolean;
  readonly reading: Reading | null;
  readonly note: Note;
  readonly waiting: number;
  readonly start: () => void;
  /** While it is recorded, or nothing is known of it yet: it is thrown away. */
  readonly cancel: () => void;
  readonly resend: () => void;
  /** For another: everything of this one goes. */
  readonly clear: () => void;
};

/** From the microphone to the advice. */
export function useReading(sentence: string | null): OneReading {
  const connection = useConnection();
  const { settings, microphone } = useSettings();
  const { extractor } = useListening();
  const [reading, setReading] = useState<Reading | null>(null);
  const follow = useRef<(requestId: string, audio: Blob, sentence: string) => void>(() => undefined);
  const hybrid = useHybridAudioAnalysis(connection, {
    extractor,
    keepOnDevice: settings.keep_audio_on_device,
    onHandedIn: (...handedIn) => { follow.current(...handedIn); },
  });
  const { analysis, status } = hybrid;
  const delivery = useDelivery(hybrid, reading);
  const { note, setNote, waiting, deliver, throwAway, resend } = delivery;
  useEffect(() => {
    follow.current = delivery.follow;
  });
  const attempted = useRef("");
  const [isAtWork, work] = useWork();
  const isListening = analysis.phase === "listening" || isAtWork;

  const recorder = useAudioRecorder({
    deviceId: microphone ?? "",
    autoStop: settings.auto_stop,
    allRead: isAllRead(analysis, sentence),
    onStart: (contentType) => { hybrid.start(attempted.current, contentType); },
    onPiece: hybrid.piece,
    onDone: (take) => {
      const done = { ...take, sentence: attempted.current };
      setReading(done);
      work(deliver(done));
    },
    onThrownAway: (why) => {
      hybrid.abandon();
      setNote(why);
    },
  });

  const start = () => {
    if (sentence === null || isListening) return;
    attempted.current = sentence;
    setNote("none");
    setReading(null);
    recorder.start();
  };
  const cancel = () => {
    if (recorder.state !== "idle") return recorder.cancel();
    if (!isListening) return;
    if (reading !== null) throwAway(reading);
    hybrid.cancel();
    hybrid.abandon();
    work(null);
    setReading(null);
    setNote("cancelled");
  };
  const clear = () => {
    recorder.cancel();
    hybrid.forget();
    work(null);
    setReading(null);
    setNote("none");
  };
  const again = () => {
    if (reading !== null) work(resend(reading));
  };
  return { recorder, analysis, status, isListening, reading, note, waiting, start, cancel, resend: again, clear };
}

/** Whether something goes on that this browser does by itself; the newest counts. */
function useWork(): readonly [boolean, (work: Promise<void> | null) => void] {
  const [current, setCurrent] = useState<Promise<void> | null>(null);
  const begin = (work: Promise<void> | null) => {
    setCurrent(work);
    void work?.finally(() => { setCurrent((newest) => (newest === work ? null : newest)); });
  };
  return [current !== null, begin];
}

/** The last word of the sentence has been heard. */
function isAllRead({ partial }: Analysis, sentence: string | null): boolean {
  const words = (sentence ?? "").split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return words > 0 && partial.some(({ index, status }) => index === words - 1 && status !== "omitted");
}
