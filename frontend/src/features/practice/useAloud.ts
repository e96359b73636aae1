import { useState } from "react";

import type { Playing } from "../../hooks/player";
import { usePlayer } from "../../hooks/usePlayer";
import type { SpeechData, WordReading } from "../../services/audioProtocol";
import { useVoice } from "./useVoice";

/** Each of these, asked for while it sounds, ends it. */
export type Aloud = {
  readonly playing: Playing;
  /** The model voice could not be had. */
  readonly voiceFailed: boolean;
  /** In the model voice. */
  readonly say: (name: string, words: string) => void;
  /** What the server has said already. */
  readonly speak: (name: string, speech: SpeechData) => void;
  /** A recording, or one word of it. */
  readonly replay: (name: string, audio: Blob, word?: WordReading) => void;
  /** Nothing sounds any more, and nothing that was asked for before. */
  readonly hush: () => void;
};

/** Everything that sounds on the practice page. */
export function useAloud(): Aloud {
  const [player, playing] = usePlayer();
  const voice = useVoice(player);
  const [voiceFailed, setVoiceFailed] = useState(false);
  const unlessPlaying = (name: string, play: () => void) => {
    if (playing.name === name) return player.stop();
    setVoiceFailed(false);
    play();
  };
  return {
    playing,
    voiceFailed,
    say: (name, words) => {
      unlessPlaying(name, () => { voice.say(name, words).catch(() => { setVoiceFailed(true); }); });
    },
    speak: (name, speech) => {
      unlessPlaying(name, () => { void voice.play(name, speech); });
    },
    replay: (name, audio, word) => {
      unlessPlaying(name, () => { void player.replay(name, audio, word && { start: word.start_seconds, end: word.end_seconds }); });
    },
    hush: () => {
      player.stop();
      setVoiceFailed(false);
    },
  };
}
