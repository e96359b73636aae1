import { useCallback, useEffect, useRef, useState } from "react";

import { isVoice, listeningFrom, silenceStop, type SilenceStop } from "./silenceStop";
import { loudness, qualityOf, remembered, UNHEARD, type Loudness, type Quality } from "./loudness";
import { openMicrophone, problemOf, release, type MicrophoneProblem } from "./microphone";
import { record, type Recording } from "./recording";
import { storeOf, type Store } from "./store";

export type RecorderState = "idle" | "asking" | "recording";

export type Take = {
  readonly audio: Blob;
  /** How well it could be heard, as far as loudness tells. */
  readonly quality: Quality;
};

export type RecorderOptions = {
  /** Of the chosen microphone; "": the usual one. */
  readonly deviceId: string;
  /** Stop by itself after silence. */
  readonly autoStop: boolean;
  /** The last word of the sentence has been heard. */
  readonly allRead: boolean;
  readonly onStart: (contentType: string) => void;
  /** Every 250 ms, what is new. */
  readonly onPiece: (piece: Blob) => void;
  readonly onDone: (take: Take) => void;
  /** It was thrown away: somebody cancelled, or nobody said anything. */
  readonly onThrownAway: (why: "cancelled" | "silent") => void;
};

export type AudioRecorder = {
  readonly state: RecorderState;
  readonly problem: MicrophoneProblem | null;
  /** Until the recording stops by itself; 0: it is not going to. */
  readonly secondsLeft: number;
  /** Changes twenty times a second: look at it where it is drawn. */
  readonly loudness: Store<Loudness>;
  readonly start: () => void;
  readonly stop: () => void;
  readonly cancel: () => void;
};

const SILENT: Loudness = { decibels: -90, level: 0, word: "waiting" };

/** The microphone, one take after the other. */
export function useAudioRecorder(options: RecorderOptions): AudioRecorder {
  const [state, setState] = useState<RecorderState>("idle");
  const [problem, setProblem] = useState<MicrophoneProblem | null>(null);
  const [secondsLeft, setSecondsLeft] = useState(0);
  const [levels] = useState(() => storeOf(SILENT));
  const latest = useRef(options);
  const current = useRef<Running | null>(null);

  useEffect(() => {
    latest.current = options;
  });

  const ended = useCallback(() => {
    current.current = null;
    setState("idle");
    setSecondsLeft(0);
    levels.set(SILENT);
  }, [levels]);

  const cancel = useCallback(() => {
    const running = current.current;
    if (running === null) return;
    running.discard();
    ended();
    latest.current.onThrownAway("cancelled");
  }, [ended]);

  const start = useCallback(() => {
    if (current.current !== null) return;
    setProblem(null);
    setState("asking");
    current.current = run(latest, {
      onOpen: () => { setState("recording"); },
      onLoudness: levels.set,
      onSecondsLeft: setSecondsLeft,
      onEnded: ended,
      onProblem: (error) => {
        ended();
        setProblem(problemOf(error));
      },
    });
  }, [ended, levels]);

  const stop = useCallback(() => {
    current.current?.stop();
  }, []);

  useEffect(
    () => () => {
      current.current?.discard();
      current.current = null;
    },
    [],
  );
  return { state, problem, secondsLeft, loudness: levels, start, stop, cancel };
}

type Running = { readonly stop: () => void; readonly discard: () => void };

type Watcher = {
  readonly onOpen: () => void;
  readonly onLoudness: (loudness: Loudness) => void;
  readonly onSecondsLeft: (seconds: number) => void;
  readonly onEnded: () => void;
  readonly onProblem: (error: unknown) => void;
};

/** Opens the microphone and records, until it is stopped, discarded, or silent for long enough. */
function run(latest: { readonly current: RecorderOptions }, watcher: Watcher): Running {
  let recording: Recording | null = null;
  let wanted = true;
  let silence: SilenceStop = listeningFrom(performance.now());
  let memory = UNHEARD;
  let lookedAt = silence.startedAt;
  let loudest = SILENT.decibels;

  const discard = () => {
    wanted = false;
    recording?.discard();
  };
  const onLevel = (decibels: number, peak: number) => {
    const at = performance.now();
    const voice = isVoice(decibels, silence.floor);
    silence = silenceStop(silence, { decibels, at, allRead: latest.current.allRead, enabled: latest.current.autoStop });
    const hasVoice = silence.phase !== "waiting" && silence.phase !== "gaveUp";
    const moment = { decibels, peak, isVoice: voice, hasVoice, floor: silence.floor, at, sinceMs: at - lookedAt };
    memory = remembered(memory, moment);
    loudest = Math.max(loudest, decibels);
    lookedAt = at;
    watcher.onLoudness(loudness(memory, moment));
    watcher.onSecondsLeft(silence.secondsLeft);
    if (silence.phase === "stopped") recording?.stop();
    if (silence.phase === "gaveUp") giveUp();
  };
  const giveUp = () => {
    discard();
    watcher.onEnded();
    latest.current.onThrownAway("silent");
  };
  const onEnd = (audio: Blob) => {
    watcher.onEnded();
    latest.current.onDone({ audio, quality: qualityOf(loudest, silence.floor) });
  };
  const begin = (stream: MediaStream) => {
    if (!wanted) return release(stream);
    silence = listeningFrom(performance.now());
    lookedAt = silence.startedAt;
    recording = record(stream, { onPiece: (piece) => { latest.current.onPiece(piece); }, onLevel, onEnd });
    latest.current.onStart(recording.contentType);
    watcher.onOpen();
  };
  openMicrophone(latest.current.deviceId)
    .then(begin)
    .catch((error: unknown) => {
      if (!wanted) return;
      discard(); // it may have begun
      watcher.onProblem(error);
    });
  return { stop: () => recording?.stop(), discard };
}
