import { Mic, Square } from "lucide-react";
import { useEffect, useRef, type MouseEvent, type PointerEvent } from "react";

import { classes } from "../../components/classes";
import type { Loudness } from "../../hooks/loudness";
import type { Store } from "../../hooks/store";
import type { RecorderState } from "../../hooks/useAudioRecorder";

type RecordButtonProps = {
  readonly state: RecorderState;
  readonly loudness: Store<Loudness>;
  readonly disabled: boolean;
  /** There is something better to do next. */
  readonly calm: boolean;
  readonly onDown: () => void;
  readonly onUp: () => void;
  readonly onAway: () => void;
  /** A press without a pointer: keyboards other than by Space, screen readers. */
  readonly onToggle: () => void;
};

/** The one thing to do: tap and tap again, hold while reading, or Space. A ring shows how loud it is. */
export function RecordButton({ state, loudness, disabled, calm, onDown, onUp, onAway, onToggle }: RecordButtonProps) {
  const recording = state === "recording";
  const press = (event: PointerEvent) => {
    if (event.button === 0) onDown();
  };
  const toggle = (event: MouseEvent) => {
    if (event.detail === 0) onToggle(); // a pointer has told already
  };
  return (
    <div className={classes("relative grid place-items-center", calm && !recording ? "size-22 sm:size-28 lying:size-22" : "size-40 lying:size-28")}>
      <LevelRing loudness={loudness} shown={recording} />
      <button
        type="button"
        data-record
        aria-disabled={disabled} // and not `disabled`, which would take the focus away from whoever reads by keyboard
        aria-keyshortcuts="Space"
        aria-describedby="record-how"
        onPointerDown={press}
        onPointerUp={onUp}
        onPointerCancel={onAway}
        onPointerLeave={onAway}
        onClick={toggle}
        onContextMenu={(event) => { event.preventDefault(); }} // a long press on a phone
        className={classes(
          "relative flex touch-manipulation flex-col items-center justify-center gap-1 rounded-full leading-tight font-bold select-none transition-colors duration-150 aria-disabled:cursor-default aria-disabled:opacity-55",
          LOOKS[recording ? "recording" : calm ? "calm" : "inviting"],
        )}
      >
        {recording ? <Square aria-hidden size={34} fill="currentColor" /> : <Mic aria-hidden size={calm ? 28 : 38} />}
        {LABELS[state]}
      </button>
    </div>
  );
}

const LOOKS = {
  recording: "size-32 lying:size-22 bg-raised text-lg text-accent ring-4 ring-accent",
  calm: "size-20 border-2 border-accent bg-raised text-accent hover:bg-accent-soft sm:size-24 lying:size-20",
  inviting: "size-32 lying:size-24 bg-accent text-lg text-on-accent shadow-page hover:bg-accent-deep",
} as const;

const LABELS: Readonly<Record<RecorderState, string>> = { idle: "Read it", asking: "One moment", recording: "Done" };

const QUIET_RADIUS = 68;
const LOUD_RADIUS = 80;

/** Drawn twenty times a second, without React. */
function LevelRing({ loudness, shown }: { readonly loudness: Store<Loudness>; readonly shown: boolean }) {
  const circle = useRef<SVGCircleElement>(null);
  useEffect(() => {
    const draw = () => {
      const { level } = loudness.get();
      circle.current?.setAttribute("r", String(QUIET_RADIUS + (LOUD_RADIUS - QUIET_RADIUS) * level));
    };
    draw();
    return loudness.subscribe(draw);
  }, [loudness]);
  return (
    <svg aria-hidden viewBox="0 0 160 160" className={classes("absolute inset-0", !shown && "invisible")}>
      <circle ref={circle} cx="80" cy="80" r={QUIET_RADIUS} className="fill-accent-soft" />
    </svg>
  );
}
