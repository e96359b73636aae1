import { useEffect, useRef } from "react";

import { useListening } from "../../contexts/ListeningContext";
import { useSettings } from "../../contexts/SettingsContext";
import { press, UNPRESSED } from "../../hooks/press";
import { useMicrophonePermission } from "../../hooks/useMicrophonePermission";
import { FEEDBACK, ME, MODEL, WORD_MODEL, wordMe } from "./aloud";
import type { Doings, Scene } from "./scene";
import { useAloud, type Aloud } from "./useAloud";
import { useLiveWords } from "./useLiveWords";
import { useReading, type OneReading } from "./useReading";
import type { Sentences } from "./useSentences";

/** One sentence after the other, from the microphone to the advice. */
export function usePractice(sentences: Sentences): readonly [Scene, Doings] {
  const { sentence, upcoming } = sentences;
  const { settings, change } = useSettings();
  const permission = useMicrophonePermission();
  const liveWords = useLiveWords();
  const aloud = useAloud();
  const one = useReading(sentence);
  const { recorder, analysis, status, isListening, reading, note, waiting } = one;
  const advised = analysis.advice?.next_sentence ?? "";
  usePrepared(sentence, advised, upcoming);
  useSpokenAdvice(aloud, one, settings.voice_volume > 0);

  const begin = () => {
    aloud.hush();
    one.start();
  };
  const clear = () => {
    aloud.hush();
    one.clear();
  };
  const doings: Doings = {
    ...usePresses(one, begin),
    ...hearingOf(aloud, one, sentence),
    onCancel: one.cancel,
    onResend: one.resend,
    onAgain: clear,
    onNext: () => {
      clear();
      sentences.next(advised === "" ? null : advised);
    },
    onAutoStop: (enabled) => { change({ auto_stop: enabled }); },
  };
  const { playing, voiceFailed } = aloud;
  const { auto_stop: autoStop, keep_audio_on_device: keepsVoice } = settings;
  const scene: Scene = { sentence, analysis, recorder, status, isListening, permission, reading, playing, note, waiting, autoStop, liveWords, keepsVoice, voiceFailed };
  return [scene, doings];
}

/** Tapped, or held while somebody reads. */
function usePresses({ recorder, isListening }: OneReading, begin: () => void): Pick<Doings, "onPress" | "onToggle"> {
  const pressed = useRef(UNPRESSED);
  return {
    onPress: (type) => {
      const recording = recorder.state !== "idle";
      if (type === "down" && !recording && isListening) return;
      const [nextPress, wish] = press(pressed.current, { type, at: performance.now(), recording });
      pressed.current = nextPress;
      if (wish === "start") begin();
      if (wish === "stop") recorder.stop();
    },
    onToggle: () => {
      if (recorder.state === "idle") begin();
      else recorder.stop();
    },
  };
}

type Hearing = Pick<Doings, "onHearMe" | "onHearIt" | "onSpeak" | "onHearWord" | "onSayWord">;

/** Never while the microphone is open, or about to be: it would hear that as well. */
function hearingOf(aloud: Aloud, { recorder, analysis: { speech }, reading }: OneReading, sentence: string | null): Hearing {
  const whenQuiet = (play: () => void) => {
    if (recorder.state === "idle") play();
  };
  return {
    onHearMe: () => { whenQuiet(() => { if (reading !== null) aloud.replay(ME, reading.audio); }); },
    onHearIt: () => { whenQuiet(() => { aloud.say(MODEL, sentence ?? ""); }); },
    onSpeak: () => { whenQuiet(() => { if (speech !== null) aloud.speak(FEEDBACK, speech); }); },
    onHearWord: (word) => { whenQuiet(() => { if (reading !== null) aloud.replay(wordMe(word), reading.audio, word); }); },
    onSayWord: (word) => { whenQuiet(() => { aloud.say(WORD_MODEL, word.text); }); },
  };
}

/** Advice is said once, when it comes, unless somebody reads by then: not again when they change its speed. */
function useSpokenAdvice(aloud: Aloud, { recorder, analysis: { speech } }: OneReading, isWanted: boolean): void {
  useEffect(() => {
    if (speech !== null && isWanted && recorder.state === "idle") aloud.speak(FEEDBACK, speech);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [speech]);
}

/** Where this browser listens, it gets ready for what is read next. */
function usePrepared(sentence: string | null, advised: string, upcoming: readonly string[]): void {
  const { extractor } = useListening();
  useEffect(() => {
    extractor?.prepare([sentence ?? "", advised, ...upcoming].filter((one) => one !== ""));
  }, [extractor, sentence, advised, upcoming]);
}
