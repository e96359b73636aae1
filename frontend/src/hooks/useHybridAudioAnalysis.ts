import { useCallback, useEffect, useRef } from "react";

import type { Effective } from "../services/api/settings";
import type { AudioTransport, LiveRecording } from "../services/audioTransport";
import type { TransportLadder } from "../services/transportLadder";
import { isUsable, type Extractor, type HeardHere } from "./heard";
import { useAudioAnalysisStream, type AnalysisStream } from "./useAudioAnalysisStream";

export type HybridOptions = {
  /** Listens in the browser, when that is switched on; null: it is not. */
  readonly extractor: Extractor | null;
  /** No audio may leave the device. */
  readonly keepOnDevice: boolean;
  /** Called with each reading that is handed in whole, whether or not its page is still there. */
  readonly onHandedIn?: (requestId: string, audio: Blob, sentence: string) => void;
};

/** What of a reading may leave the device, with what the browser heard in it; null: nothing of that kind. */
export type Sendable = { readonly audio: Blob | null; readonly heard: HeardHere | null };

export type HybridAnalysis = Pick<AnalysisStream, "analysis" | "status" | "cancel" | "show" | "forget"> & {
  /** A recording begins. */
  readonly start: (sentence: string, contentType: string) => void;
  /** What is new of it. */
  readonly piece: (piece: Blob) => void;
  /** It is complete. Rejects when it could not be listened to here and may not leave the device. */
  readonly finish: (audio: Blob) => Promise<void>;
  /** It is thrown away. */
  readonly abandon: () => void;
  /** A whole recording, again; with the id that it had the server saves it once. */
  readonly sendAgain: (audio: Blob, sentence: string, requestId?: string) => Promise<void>;
  /** A reading that cannot be sent now: listened to, as far as this browser does. Rejects as `finish`. */
  readonly listen: (audio: Blob, sentence: string) => Promise<Sendable>;
};

/** One setting picks the transport: for the whole app, which has one connection, and from the next reading on. */
export function usePickedTransport(ladder: TransportLadder, { use_websocket: useWebsocket, reason }: Effective): AudioTransport {
  const isOnlyWay = reason === "only_way";
  useEffect(() => {
    ladder.prefer({ transport: useWebsocket ? "websocket" : "sse", isOnlyWay });
  }, [ladder, useWebsocket, isOnlyWay]);
  return ladder;
}

/** Not so while a page that was just opened is told which way to go. */
function isConnected({ status: { state, reason } }: AudioTransport): boolean {
  return state !== "closed" && (state !== "idle" || reason !== "not_connected");
}

/** The browser could not listen, and the recording may not leave it. */
export class CannotListenHere extends Error {
  constructor() {
    super("This reading could not be listened to on this device.");
    this.name = "CannotListenHere";
  }
}

/** A reading that the browser still listens to: whether anybody waits for it on the page, or at all. */
type Turn = { isShown: boolean; isWanted: boolean };
const FRESH: Turn = { isShown: true, isWanted: true };

/**
 * One reading at a time, listened to by whoever can: this browser, when that is on and ready, else the server, to
 * which the recording flows while it is made. What the browser heard is looked at before it is sent.
 */
export function useHybridAudioAnalysis(transport: AudioTransport, options: HybridOptions): HybridAnalysis {
  const { analysis, status, begin, send, cancel, show, forget } = useAudioAnalysisStream(transport);
  const latest = useRef(options);
  const live = useRef<LiveRecording | null>(null);
  const sentence = useRef("");
  const [turn, clear] = useTurn(forget);

  useEffect(() => {
    latest.current = options;
  });
  useEffect(
    () => () => {
      live.current?.cancel(); // the page is left in the middle of a reading
      live.current = null;
    },
    [],
  );

  const listen = useCallback((audio: Blob, text: string) => sendableOf(latest.current, audio, text), []);
  const sendAgain = useCallback(
    async (audio: Blob, text: string, requestId?: string) => {
      const mine = turn();
      const { audio: sendable, heard } = await listen(audio, text);
      if (!mine.isWanted) return;
      const same = requestId === undefined ? {} : { requestId };
      const id = mine.isShown
        ? send(sendable, text, heard ?? undefined, same)
        : transport.sendAudio(sendable, text, heard?.phonemes, heard?.words, same); // somebody has gone on to the next
      latest.current.onHandedIn?.(id, audio, text);
    },
    [listen, send, transport, turn],
  );
  const start = useCallback(
    (text: string, contentType: string) => {
      const { extractor, keepOnDevice } = latest.current;
      sentence.current = text;
      clear();
      const flows = !keepOnDevice && extractor?.ready !== true && isConnected(transport);
      live.current = flows ? begin(text, contentType) : null; // whoever reads before is heard when they have read
    },
    [begin, clear, transport],
  );
  const piece = useCallback((data: Blob) => { live.current?.send(data); }, []);
  const finish = useCallback(
    async (audio: Blob) => {
      const recording = live.current;
      live.current = null;
      if (recording === null) return sendAgain(audio, sentence.current);
      recording.finish();
      latest.current.onHandedIn?.(recording.requestId, audio, sentence.current);
    },
    [sendAgain],
  );
  const abandon = useCallback(() => {
    live.current?.cancel();
    live.current = null;
    clear("unwanted");
  }, [clear]);

  return { analysis, status, cancel, show, forget: clear, start, piece, finish, abandon, sendAgain, listen };
}

/** Whose turn it is, and how to have the page for another reading: one that the browser still listens to goes on unseen, or not at all. */
function useTurn(forget: () => void): readonly [() => Turn, (rest?: "unwanted") => void] {
  const current = useRef<Turn>({ ...FRESH });
  const turn = useCallback(() => current.current, []);
  const clear = useCallback((rest?: "unwanted") => {
    current.current.isShown = false;
    current.current.isWanted = rest !== "unwanted";
    current.current = { ...FRESH };
    forget();
  }, [forget]);
  return [turn, clear];
}

async function sendableOf({ extractor, keepOnDevice }: HybridOptions, audio: Blob, sentence: string): Promise<Sendable> {
  const heard = await heardBy(extractor, audio, sentence);
  if (heard === null && keepOnDevice) throw new CannotListenHere();
  return { audio: keepOnDevice ? null : audio, heard };
}

/** null: the browser does not listen, or not well enough. */
async function heardBy(extractor: Extractor | null, audio: Blob, sentence: string): Promise<HeardHere | null> {
  if (extractor?.ready !== true) return null;
  const heard = await extractor.extract(audio, sentence).catch(() => null);
  return heard !== null && isUsable(heard) ? heard : null;
}
