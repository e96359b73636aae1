import { useCallback, useMemo, useRef } from "react";

import { useSession } from "../../contexts/SessionContext";
import { useSettings } from "../../contexts/SettingsContext";
import type { Player } from "../../hooks/player";
import { speak } from "../../services/api/speech";
import type { SpeechData } from "../../services/audioProtocol";

const MOST_REMEMBERED = 24; // some 10 kB each

export type Voice = {
  /** Says words in the model voice. Rejects when it cannot be had. */
  readonly say: (name: string, words: string) => Promise<void>;
  /** Plays what the server said already. */
  readonly play: (name: string, speech: SpeechData) => Promise<void>;
};

/** The model voice, as fast and as loud as was chosen. */
export function useVoice(player: Player): Voice {
  const { token } = useSession();
  const { settings } = useSettings();
  const { voice_speed: speed, voice_volume: volume } = settings;
  const said = useRef(new Map<string, Promise<Blob>>());

  const fetched = useCallback(
    (words: string) => {
      const known = said.current;
      const voice = known.get(words) ?? speak(words, { token: token ?? "" });
      known.delete(words);
      known.set(words, voice); // the last one asked for stays longest
      voice.catch(() => known.delete(words));
      for (const oldest of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(oldest);
      }
      return voice;
    },
    [token],
  );
  return useMemo(
    () => ({
      say: async (name, words) => { await player.speak(name, fetched(words), { speed, volume }); },
      play: async (name, speech) => { await player.speak(name, blobOf(speech), { speed, volume }); },
    }),
    [player, fetched, speed, volume],
  );
}

function blobOf({ data, mimetype }: SpeechData): Blob {
  return new Blob([Uint8Array.from(atob(data), (letter) => letter.codePointAt(0) ?? 0)], { type: mimetype });
}
