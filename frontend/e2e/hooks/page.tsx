import { StrictMode, useEffect } from "react";
import { createRoot, type Root } from "react-dom/client";

import type { HeardHere } from "../../src/hooks/heard";
import { Player } from "../../src/hooks/player";
import { useAudioRecorder, type AudioRecorder, type Take } from "../../src/hooks/useAudioRecorder";
import { useHybridAudioAnalysis, type HybridAnalysis, type HybridOptions } from "../../src/hooks/useHybridAudioAnalysis";
import type { AudioEvent } from "../../src/services/audioProtocol";
import { becomeGuest } from "../../src/services/api/account";
import { startPracticeSession } from "../../src/services/api/sessions";
import { takesInBrowser } from "../../src/services/keptTakes";
import { localReport } from "../../src/services/listening/localReport";
import { TransportLadder } from "../../src/services/transportLadder";

/** A page with nothing but the hooks, in React's strict mode: each effect is begun, ended and begun again. */

const SENTENCE = "The ship is at the fish shop.";

/** Counts who listens to it, and what is handed in whole. */
class WatchedTransport extends TransportLadder {
  listeners = 0;
  handedIn = 0;

  override sendAudio(...reading: Parameters<TransportLadder["sendAudio"]>): string {
    this.handedIn += 1;
    return super.sendAudio(...reading);
  }

  override onEvent(callback: (event: AudioEvent) => void): () => void {
    return this.#counted(super.onEvent(callback));
  }

  override onState(callback: Parameters<TransportLadder["onState"]>[0]): () => void {
    return this.#counted(super.onState(callback));
  }

  #counted(stop: () => void): () => void {
    this.listeners += 1;
    return () => {
      this.listeners -= 1;
      stop();
    };
  }
}

const transport = new WatchedTransport();
const takes: Take[] = [];
const thrownAway: string[] = [];
const told: AudioEvent["type"][] = [];
TransportLadder.prototype.onEvent.call(transport, ({ type }) => { if (type !== "progress" && type !== "partial") told.push(type); });

let root: Root | null = null;
let recorder: AudioRecorder | null = null;
let hybrid: HybridAnalysis | null = null;
let finished: Promise<void> = Promise.resolve();

function Probe({ options }: { readonly options: HybridOptions }) {
  const analysis = useHybridAudioAnalysis(transport, options);
  const microphone = useAudioRecorder({
    deviceId: "",
    autoStop: true,
    allRead: true, // the shorter pause will do
    onStart: (contentType) => { analysis.start(SENTENCE, contentType); },
    onPiece: analysis.piece,
    onDone: (take) => {
      takes.push(take);
      finished = analysis.finish(take.audio).catch((error: unknown) => { thrownAway.push(error instanceof Error ? error.name : ""); });
    },
    onThrownAway: (why) => { thrownAway.push(why); },
  });
  useEffect(() => {
    recorder = microphone;
    hybrid = analysis;
  });
  return <output>{`${microphone.state} ${analysis.analysis.phase}`}</output>;
}

/** Hears something usable, once it is told to. */
async function hearSlowly(_: Blob, sentence: string): Promise<HeardHere> {
  await new Promise((resolve) => { globalThis.addEventListener("heard", resolve, { once: true }); });
  const phonemes = ["DH AH", "SH IH P", "IH Z", "AE T", "DH AH", "F IH SH", "SH AA P"].map((word) => word.split(" "));
  return { phonemes, words: sentence.replace(".", "").split(" "), report: localReport(sentence, [], [], 1) };
}

function hearNonsense(_: Blob, sentence: string): Promise<HeardHere> {
  return Promise.resolve({ phonemes: [["?"]], words: ["?"], report: localReport(sentence, [], [], 1) });
}

const harness = {
  player: new Player(),
  /** As it is after so many days. */
  shelf: (days = 0) => takesInBrowser(() => Date.now() + days * 24 * 3600 * 1000),
  problem: () => recorder?.problem,
  takes,
  thrownAway,
  told,
  listeners: () => transport.listeners,
  handedIn: () => transport.handedIn,
  words: () => hybrid?.analysis.report?.words.map(({ status }) => status) ?? [],
  async connect() {
    const { value: token } = await becomeGuest();
    transport.connect({ baseUrl: location.origin, token, sessionId: await startPracticeSession("hooks", { token }) });
  },
  mount(options: Partial<HybridOptions> = {}) {
    const element = document.getElementById("root");
    if (element === null) throw new Error("no #root");
    root = createRoot(element);
    root.render(<StrictMode><Probe options={{ extractor: null, keepOnDevice: false, ...options }} /></StrictMode>);
  },
  /** With ears in the browser that hear what is no sound at all. */
  mountDeaf() {
    harness.mount({ extractor: { ready: true, extract: hearNonsense, prepare: () => undefined } });
  },
  mountSlow() {
    harness.mount({ extractor: { ready: true, extract: hearSlowly, prepare: () => undefined }, keepOnDevice: true });
  },
  /** When all has been done with the last take that this browser does. */
  settled: () => finished,
  abandon: () => hybrid?.abandon(),
  forget: () => hybrid?.forget(),
  unmount() {
    root?.unmount();
    root = null;
  },
  start: () => recorder?.start(),
  stop: () => recorder?.stop(),
};

export type Harness = typeof harness;
Object.assign(globalThis, { harness });
