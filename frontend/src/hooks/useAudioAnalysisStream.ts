import { useCallback, useEffect, useReducer, useRef, useSyncExternalStore } from "react";

import { analysisReducer, isUnderWay, NOTHING_YET, type Analysis } from "./analysisReducer";
import type { ReadingReport } from "../services/audioProtocol";
import type { AudioTransport, LiveRecording, ReadingOptions, TransportStatus } from "../services/audioTransport";

/** What the browser has heard: ARPAbet, one list per word, and the same words as text. */
export type Heard = { readonly phonemes: readonly (readonly string[])[]; readonly words: readonly string[] };

export type AnalysisStream = {
  readonly analysis: Analysis;
  readonly status: TransportStatus;
  /** A recording that begins now: hand it pieces. */
  readonly begin: (sentence: string, contentType: string) => LiveRecording;
  /** A recording that is finished; null: nothing leaves the device but what was heard. → request id */
  readonly send: (audio: Blob | null, sentence: string, heard?: Heard, options?: ReadingOptions) => string;
  readonly cancel: () => void;
  /** What this browser found by itself in a reading that is sent later. */
  readonly show: (report: ReadingReport, requestId: string) => void;
  /** Clear the screen for the next sentence. */
  readonly forget: () => void;
};

/** One transport as React state: one reading at a time, the newest. */
export function useAudioAnalysisStream(transport: AudioTransport): AnalysisStream {
  const [analysis, dispatch] = useReducer(analysisReducer, NOTHING_YET);
  const status = useTransportStatus(transport);
  const current = useRef<Analysis>(analysis);

  useEffect(() => {
    current.current = analysis;
  }, [analysis]);

  useEffect(() => transport.onEvent((event) => { dispatch({ type: "told", event }); }), [transport]);

  const begin = useCallback(
    (sentence: string, contentType: string): LiveRecording => {
      const live = transport.startRecording(sentence, { contentType });
      dispatch({ type: "begun", requestId: live.requestId, live: true });
      const finish = () => {
        dispatch({ type: "recorded" });
        live.finish();
      };
      return { requestId: live.requestId, send: (piece) => { live.send(piece); }, finish, cancel: () => { live.cancel(); } };
    },
    [transport],
  );
  const send = useCallback(
    (audio: Blob | null, sentence: string, heard?: Heard, options?: ReadingOptions) => {
      const requestId = transport.sendAudio(audio, sentence, heard?.phonemes, heard?.words, options);
      dispatch({ type: "begun", requestId, live: false });
      return requestId;
    },
    [transport],
  );
  const cancel = useCallback(() => {
    const { requestId } = current.current;
    if (requestId !== null && isUnderWay(current.current)) transport.cancel(requestId);
  }, [transport]);
  const show = useCallback((report: ReadingReport, requestId: string) => { dispatch({ type: "heardHere", report, requestId }); }, []);
  const forget = useCallback(() => { dispatch({ type: "forgotten" }); }, []);

  return { analysis, status, begin, send, cancel, show, forget };
}

export function useTransportStatus(transport: AudioTransport): TransportStatus {
  const subscribe = useCallback((changed: () => void) => transport.onState(changed), [transport]);
  return useSyncExternalStore(subscribe, () => transport.status);
}
