import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Loudness, LoudnessWord } from "../../hooks/loudness";
import type { Store } from "../../hooks/store";

const BARS = 15;
const HEIGHT = 28;

const WORDS: Readonly<Record<LoudnessWord, string>> = {
  waiting: "Read when you are ready",
  quiet: "A little louder, or closer",
  good: "I can hear you",
  loud: "Very loud: move back a little",
  noisy: "It is noisy around you",
};

/** The last moments of one's voice, and in words whether it can be heard. */
export function LevelMeter({ loudness }: { readonly loudness: Store<Loudness> }) {
  const word = useSyncExternalStore(loudness.subscribe, () => loudness.get().word);
  return (
    <div className="flex min-h-11 items-center gap-3">
      <Bars loudness={loudness} />
      <span className="min-w-[12ch]">{WORDS[word]}</span>
    </div>
  );
}

/** Drawn twenty times a second, without React: each bar is one moment, the newest in the middle. */
function Bars({ loudness }: { readonly loudness: Store<Loudness> }) {
  const picture = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const moments = Array.from({ length: Math.ceil(BARS / 2) }, () => 0);
    return loudness.subscribe(() => {
      moments.unshift(loudness.get().level);
      moments.pop();
      const bars = picture.current?.querySelectorAll("rect") ?? [];
      bars.forEach((bar, place) => { raise(bar, moments[Math.abs(place - (BARS - 1) / 2)] ?? 0); });
    });
  }, [loudness]);
  return (
    <svg ref={picture} aria-hidden viewBox={`0 0 ${BARS * 6} ${HEIGHT}`} className="h-7 w-24 fill-accent">
      {Array.from({ length: BARS }, (_, place) => (
        <rect key={place} x={place * 6 + 1} y={HEIGHT / 2 - 2} width="4" height="4" rx="2" />
      ))}
    </svg>
  );
}

function raise(bar: SVGRectElement, level: number): void {
  const height = Math.max(4, level * HEIGHT);
  bar.setAttribute("height", String(height));
  bar.setAttribute("y", String((HEIGHT - height) / 2));
}
