import { useEffect, useRef, useState } from "react";

import { HeaderSlot } from "../../components/HeaderSlot";
import { PageHeader } from "../../components/PageHeader";
import type { WordReading } from "../../services/audioProtocol";
import { ActionBar } from "./ActionBar";
import { announcement } from "./announcement";
import { placeInWords } from "./chosen";
import { ConnectionPill } from "./ConnectionPill";
import { FeedbackPanel } from "./FeedbackPanel";
import { RecordArea } from "./RecordArea";
import { Sentence } from "./Sentence";
import { TroubleNotice } from "./TroubleNotice";
import { stayedInWords } from "./stayed";
import { useKeys } from "./useKeys";
import type { Objections } from "./useObjection";
import type { Doings, Scene } from "./scene";
import { WordSheet } from "./WordSheet";

type PracticeScreenProps = {
  readonly scene: Scene;
  readonly doings: Doings;
  readonly objections: Objections;
  /** What is practised. */
  readonly name: string;
  /** How many sentences came before this one. */
  readonly place: number;
  /** How many there are; null: no end. */
  readonly count: number | null;
  /** After this one comes the end. */
  readonly isLast: boolean;
};

/** A page with one sentence on it. All it knows is in the scene, all it can do is in the doings. */
export function PracticeScreen({ scene, doings, objections, name, place, count, isLast }: PracticeScreenProps) {
  const { sentence, analysis, reading, playing } = scene;
  const [opened, setOpened] = useState<WordReading | null>(null);
  const words = analysis.report?.words ?? [];
  const stayed = stayedInWords({ keepsVoice: scene.keepsVoice, source: analysis.report?.source, bytes: reading?.audio.size ?? 0 });
  useKeys({ onDown: () => { doings.onPress("down"); }, onUp: () => { doings.onPress("up"); }, onCancel: doings.onCancel });
  const start = useFocusOn(place);
  return (
    <div className="flex flex-1 flex-col gap-4 sm:gap-7 lying:gap-2">
      <HeaderSlot><ConnectionPill status={scene.status} waiting={scene.waiting} liveWords={scene.liveWords} /></HeaderSlot>
      <PageHeader title={`Practice: ${name}`} hidden />
      <p className="text-center text-quiet">{name} · {placeInWords(place, count)}</p>
      <section
        ref={start}
        tabIndex={-1}
        aria-label={words.length > 0 ? "Your reading, word by word" : "The sentence to read"}
        className="mx-auto flex min-h-[3em] w-full max-w-[22em] lying:min-h-[2em] items-center justify-center text-sentence focus:outline-none"
      >
        {sentence !== null && <Sentence sentence={sentence} live={scene.liveWords ? analysis.partial : []} words={words} onWord={setOpened} />}
      </section>
      <RecordArea scene={scene} doings={doings} />
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-4 sm:gap-5">
        <TroubleNotice scene={scene} doings={doings} />
        <FeedbackPanel analysis={analysis} stayed={stayed} playing={playing} onSpeak={doings.onSpeak} />
        {scene.recorder.state !== "recording" && (
          <ActionBar
            playing={playing}
            hasTake={reading !== null}
            hasResult={analysis.report !== null}
            canSpeak={sentence !== null}
            isLast={isLast}
            onAgain={doings.onAgain}
            onHearMe={doings.onHearMe}
            onHearIt={doings.onHearIt}
            onNext={doings.onNext}
          />
        )}
      </div>
      <output className="sr-only">{announcement(scene)}</output>
      <WordSheet
        word={opened}
        playing={playing}
        hasTake={reading !== null}
        objection={objections.of(opened?.index ?? null)}
        onClose={() => { setOpened(null); }}
        onHearMe={doings.onHearWord}
        onHearIt={doings.onSayWord}
        onObject={({ index }) => { if (index !== null) void objections.send(index); }}
      />
    </div>
  );
}

/** The next sentence gets the focus: a screen reader begins there, and the space bar is free. */
function useFocusOn(place: number) {
  const section = useRef<HTMLElement>(null);
  const shown = useRef(place);
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    section.current?.focus({ preventScroll: true });
  }, [place]);
  return section;
}
