import { CircleAlert, Volume2 } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";

import type { Reading, Speech } from "../../hooks/startReducer";
import type { HeardWord } from "../../services/audioProtocol";
import { mark, spoken } from "./verdict";

export function Result({ reading }: { readonly reading: Reading }) {
  return (
    <div aria-live="polite" className="result">
      {reading.words.length > 0 && <Words words={reading.words} />}
      {reading.feedback !== "" && <p className="feedback">{reading.feedback}</p>}
      {reading.speech !== null && <SpokenFeedback speech={reading.speech} />}
      {reading.trouble !== "" && (
        <p className="trouble">
          <CircleAlert aria-hidden /> {reading.trouble}
        </p>
      )}
    </div>
  );
}

function Words({ words }: { readonly words: readonly HeardWord[] }) {
  const placed = words.map((word, place) => ({ word, key: `${place}-${word.text}` }));
  return (
    <ol aria-label="Your reading, word by word" className="words">
      {placed.map(({ word, key }) => (
        <li key={key} className={word.status} title={word.hint || undefined}>
          <span aria-hidden>
            {word.text || "extra"} <small>{mark(word)}</small>
          </span>
          <span className="unseen">{spoken(word)}</span>
        </li>
      ))}
    </ol>
  );
}

function SpokenFeedback({ speech }: { readonly speech: Speech }) {
  const player = useRef<HTMLAudioElement>(null);
  const source = useMemo(() => `data:${speech.mimetype};base64,${speech.data}`, [speech]);
  const play = () => {
    const audio = player.current;
    if (audio === null) return;
    audio.currentTime = 0;
    void audio.play().catch(() => undefined); // a browser may want a tap first: the button is there
  };
  useEffect(play, [source]);
  return (
    <>
      {/* The same words stand above it. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <audio ref={player} src={source} preload="auto" />
      <button type="button" onClick={play}>
        <Volume2 aria-hidden /> Hear it again
      </button>
    </>
  );
}
