import { measured } from "./loudness";
import { release } from "./microphone";

const PIECE_MS = 250; // a piece leaves while the next one is recorded
const LONGEST_MS = 59_000; // the server listens to 60 s
const LOOK_MS = 50;
const WINDOW = 2048; // samples: 43 ms at 48 kHz
const OPUS_BITS_PER_SECOND = 32_000; // nothing of speech is lost, and Chromium would send 157 kbit/s
const FORMATS = [
  { mimeType: "audio/webm;codecs=opus", audioBitsPerSecond: OPUS_BITS_PER_SECOND },
  { mimeType: "audio/mp4" },
  { mimeType: "audio/ogg;codecs=opus", audioBitsPerSecond: OPUS_BITS_PER_SECOND },
] as const;

export type RecordingEvents = {
  readonly onPiece: (piece: Blob) => void;
  readonly onLevel: (decibels: number, peak: number) => void;
  /** The whole of it. Neither this nor anything else is called after `discard`. */
  readonly onEnd: (whole: Blob) => void;
};

/** One recording. Once it ends, however that is, nothing of it is left behind. */
export type Recording = {
  readonly contentType: string;
  readonly stop: () => void;
  readonly discard: () => void;
};

/** Throws what a browser throws that cannot record this; nothing of it is left behind then either. */
export function record(stream: MediaStream, events: RecordingEvents): Recording {
  const opened: (() => void)[] = [() => { release(stream); }];
  const letGo = () => {
    for (const close of opened.splice(0).toReversed()) close();
  };
  try {
    return begin(stream, events, opened, letGo);
  } catch (error) {
    letGo();
    throw error;
  }
}

/** `opened` gets how to close whatever is opened here; `letGo` closes all of it, once. */
function begin(stream: MediaStream, { onPiece, onLevel, onEnd }: RecordingEvents, opened: (() => void)[], letGo: () => void): Recording {
  const media = new MediaRecorder(stream, FORMATS.find(({ mimeType }) => MediaRecorder.isTypeSupported(mimeType)));
  const pieces: Blob[] = [];
  let wanted = true;
  const stop = () => {
    if (media.state !== "inactive") media.stop();
  };
  media.addEventListener("dataavailable", ({ data }) => {
    if (!wanted || data.size === 0) return;
    pieces.push(data);
    onPiece(data);
  });
  media.addEventListener("stop", () => {
    letGo();
    if (wanted) onEnd(new Blob(pieces, { type: media.mimeType }));
  });
  opened.push(watchLevel(stream, onLevel));
  const timer = setTimeout(stop, LONGEST_MS);
  opened.push(() => { clearTimeout(timer); });
  media.start(PIECE_MS);
  return {
    contentType: media.mimeType,
    stop,
    discard: () => {
      wanted = false;
      stop();
      letGo();
    },
  };
}

/** Calls back with the loudness (RMS, dBFS) and the peak (0 to 1) every 50 ms. → stop */
function watchLevel(stream: MediaStream, onLevel: (decibels: number, peak: number) => void): () => void {
  const context = new AudioContext();
  const [source, analyser] = analysing(context, stream);
  const samples = new Float32Array(WINDOW);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const { decibels, peak } = measured(samples);
    onLevel(decibels, peak);
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** Throws as browsers do; then the context is closed. */
function analysing(context: AudioContext, stream: MediaStream): readonly [MediaStreamAudioSourceNode, AnalyserNode] {
  try {
    const analyser = new AnalyserNode(context, { fftSize: WINDOW });
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
    source.connect(analyser);
    return [source, analyser];
  } catch (error) {
    void context.close();
    throw error;
  }
}
