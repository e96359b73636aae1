import { ArrowRight, AudioLines, RotateCcw, Volume2 } from "lucide-react";

import { Button } from "../../components/Button";
import { classes } from "../../components/classes";
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

/** On a phone: an icon above its name. */
const STACKED = "max-sm:min-h-14 max-sm:flex-col max-sm:gap-1 max-sm:rounded-2xl max-sm:px-0.5 max-sm:text-sm";
const PRESSED = "aria-pressed:border-accent aria-pressed:bg-accent-soft";

/**
 * What one can do besides reading: what to do next stands last, and is the most conspicuous once there is a result.
 * On a phone it is one row, and stays in view above the navigation however long the advice is.
 */
export function ActionBar({ playing, hasTake, hasResult, canSpeak, isLast, onAgain, onHearMe, onHearIt, onNext }: ActionBarProps) {
  return (
    <div className="thumb-bar grid grid-cols-[repeat(auto-fit,minmax(3.25rem,1fr))] gap-2 sm:flex sm:flex-wrap sm:justify-center sm:gap-3">
      <Button onClick={onAgain} disabled={!hasResult} className={STACKED}>
        <RotateCcw aria-hidden size={20} /> Again
      </Button>
      <Button onClick={onHearMe} disabled={!hasTake} aria-pressed={playing.name === ME} className={classes(STACKED, PRESSED)}>
        <AudioLines aria-hidden size={20} /> Hear me
      </Button>
      <Button onClick={onHearIt} disabled={!canSpeak} aria-pressed={playing.name === MODEL} className={classes(STACKED, PRESSED)}>
        <Volume2 aria-hidden size={20} /> Hear it
      </Button>
      <Button look={hasResult ? "primary" : "secondary"} onClick={onNext} className={STACKED}>
        {isLast ? "The end" : "Next"} <ArrowRight aria-hidden size={20} className="max-sm:order-first" />
      </Button>
    </div>
  );
}
