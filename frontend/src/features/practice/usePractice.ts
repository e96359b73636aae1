import { useEffect, useRef, useState } from "react";

import { useConnection } from "../../contexts/ConnectionContext";
import { useListening } from "../../contexts/ListeningContext";
import { useSettings } from "../../contexts/SettingsContext";
import { isUnderWay, type Analysis } from "../../hooks/analysisReducer";
import type { Playing } from "../../hooks/player";
import { press, UNPRESSED, type PressAction } from "../../hooks/press";
import { useAudioRecorder, type AudioRecorder, type Take } from "../../hooks/useAudioRecorder";
import { useHybridAudioAnalysis } from "../../hooks/useHybridAudioAnalysis";
import { useMicrophonePermission, type Permission } from "../../hooks/useMicrophonePermission";
import { usePlayer } from "../../hooks/usePlayer";
import type { TransportStatus } from "../../services/audioTransport";
import type { WordReading } from "../../services/audioProtocol";
import { ME, MODEL } from "./ActionBar";
import { FEEDBACK } from "./FeedbackPanel";
import type { Note } from "./note";
import { useDelivery } from "./useDelivery";
import type { Sentences } from "./useSentences";
import { useVoice } from "./useVoice";
import { WORD_ME, WORD_MODEL } from "./WordSheet";

/** Everything the practice screen shows. */
export type Scene = {
  readonly sentence: string | null;
  readonly analysis: Analysis;
  readonly recorder: AudioRecorder;
  readonly status: TransportStatus;
  readonly permission: Permission;
  readonly take: Take | null;
  readonly playing: Playing;
  readonly note: Note;
  /** Readings that wait to be sent. */
  readonly waiting: number;
  readonly autoStop: boolean;
  readonly liveWords: boolean;
  /** The model voice failed. */
  readonly voiceFailed: boolean;
};

/** Everything one can do on it. */
export type Doings = {
  readonly onPress: (type: PressAction["type"]) => void;
  readonly onToggle: () => void;
  readonly onCancel: () => void;
  readonly onResend: () => void;
  readonly onAgain: () => void;
  readonly onNext: () => void;
  readonly onHearMe: () => void;
  readonly onHearIt: () => void;
  readonly onSpeak: () => void;
  readonly onHearWord: (word: WordReading) => void;
  readonly onSayWord: (word: WordReading) => void;
  readonly onAutoStop: (enabled: boolean) => void;
};

/** One sentence after the other, from the microphone to the advice. */
export function usePractice({ sentence, upcoming, next }: Sentences): readonly [Scene, Doings] {
  const connection = useConnection();
  const { settings, change, microphone } = useSettings();
  const [player, playing] = usePlayer();
  const voice = useVoice(player);
  const permission = useMicrophonePermission();
  const { keep_audio_on_device: keepOnDevice } = settings;
  const { extractor } = useListening();
  const hybrid = useHybridAudioAnalysis(connection, { extractor, keepOnDevice });
  const { analysis, status } = hybrid;
  const [take, setTake] = useState<Take | null>(null);
  const { note, setNote, waiting, deliver, resend } = useDelivery(connection, hybrid, { take, sentence });
  const [voiceFailed, setVoiceFailed] = useState(false);
  const pressed = useRef(UNPRESSED);

  const recorder = useAudioRecorder({
    deviceId: microphone ?? "",
    autoStop: settings.auto_stop,
    allRead: isAllRead(analysis, sentence),
    onStart: (contentType) => { hybrid.start(sentence ?? "", contentType); },
    onPiece: hybrid.piece,
    onDone: (done) => {
      setTake(done);
      deliver(done);
    },
    onThrownAway: (why) => {
      hybrid.abandon();
      setNote(why);
    },
  });

  const advised = analysis.advice?.next_sentence ?? "";
  useEffect(() => {
    extractor?.prepare([sentence ?? "", advised, ...upcoming].filter((one) => one !== ""));
  }, [extractor, sentence, advised, upcoming]);

  useEffect(() => {
    if (analysis.speech !== null && settings.voice_volume > 0) void voice.play(FEEDBACK, analysis.speech);
    // Spoken once, when it comes: not again when somebody changes its speed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [analysis.speech]);

  const start = () => {
    if (sentence === null) return;
    player.stop();
    setNote("none");
    setVoiceFailed(false);
    setTake(null);
    recorder.start();
  };
  const clear = () => {
    player.stop();
    recorder.cancel();
    hybrid.forget();
    setTake(null);
    setNote("none");
    setVoiceFailed(false);
  };
  const say = (name: string, words: string) => {
    if (playing.name === name) return player.stop();
    setVoiceFailed(false);
    voice.say(name, words).catch(() => { setVoiceFailed(true); });
  };
  const replay = (name: string, word?: WordReading) => {
    if (playing.name === name) return player.stop();
    if (take !== null) void player.replay(name, take.audio, word && { start: word.start_seconds, end: word.end_seconds });
  };

  const doings: Doings = {
    onPress: (type) => {
      const recording = recorder.state !== "idle";
      if (type === "down" && !recording && analysis.phase === "listening") return;
      const [nextPress, wish] = press(pressed.current, { type, at: performance.now(), recording });
      pressed.current = nextPress;
      if (wish === "start") start();
      if (wish === "stop") recorder.stop();
    },
    onToggle: () => {
      if (recorder.state === "idle") start();
      else recorder.stop();
    },
    onCancel: () => {
      if (recorder.state !== "idle") recorder.cancel();
      else if (isUnderWay(analysis) && analysis.report === null) hybrid.cancel();
    },
    onResend: resend,
    onAgain: clear,
    onNext: () => {
      clear();
      next(advised === "" ? null : advised);
    },
    onHearMe: () => { replay(ME); },
    onHearIt: () => { say(MODEL, sentence ?? ""); },
    onSpeak: () => {
      if (playing.name === FEEDBACK) player.stop();
      else if (analysis.speech !== null) void voice.play(FEEDBACK, analysis.speech);
    },
    onHearWord: (word) => { replay(WORD_ME, word); },
    onSayWord: (word) => { say(WORD_MODEL, word.text); },
    onAutoStop: (enabled) => { change({ auto_stop: enabled }); },
  };
  const scene: Scene = {
    sentence,
    analysis,
    recorder,
    status,
    permission,
    take,
    playing,
    note,
    waiting,
    autoStop: settings.auto_stop,
    liveWords: settings.live_words,
    voiceFailed,
  };
  return [scene, doings];
}

/** The last word of the sentence has been heard. */
function isAllRead({ partial }: Analysis, sentence: string | null): boolean {
  const words = (sentence ?? "").split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return words > 0 && partial.some(({ index, status }) => index === words - 1 && status !== "omitted");
}
