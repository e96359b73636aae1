import { ArrowRight, AudioLines, RotateCcw, Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import type { Playing } from "../../hooks/player";
import { ME, MODEL } from "./aloud";

type ActionBarProps = {
  readonly playing: Playing;
  /** There is a recording to hear. */
  readonly hasTake: boolean;
  readonly hasResult: boolean;
  readonly canSpeak: boolean;
  /** After this sentence nothing comes but the end. */
  readonly isLast: boolean;
  readonly onAgain: () => void;
  readonly onHearMe: () => void;
  readonly onHearIt: () => void;
  readonly onNext: () => void;
};

/** What one can do besides reading: what to do next stands last, and is the most conspicuous once there is a result. */
export function ActionBar({ playing, hasTake, hasResult, canSpeak, isLast, onAgain, onHearMe, onHearIt, onNext }: ActionBarProps) {
  return (
    <div className="grid grid-cols-2 gap-3 sm:flex sm:flex-wrap sm:justify-center">
      <Button onClick={onAgain} disabled={!hasResult}>
        <RotateCcw aria-hidden size={20} /> Again
      </Button>
      <Button onClick={onHearMe} disabled={!hasTake} aria-pressed={playing.name === ME} className="aria-pressed:border-accent aria-pressed:bg-accent-soft">
        <AudioLines aria-hidden size={20} /> Hear me
      </Button>
      <Button onClick={onHearIt} disabled={!canSpeak} aria-pressed={playing.name === MODEL} className="aria-pressed:border-accent aria-pressed:bg-accent-soft">
        <Volume2 aria-hidden size={20} /> Hear it
      </Button>
      <Button look={hasResult ? "primary" : "secondary"} onClick={onNext}>
        {isLast ? "The end" : "Next"} <ArrowRight aria-hidden size={20} />
      </Button>
    </div>
  );
}
