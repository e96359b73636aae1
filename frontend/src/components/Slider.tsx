import { Slider as Radix } from "radix-ui";
import { useId } from "react";

type SliderProps = {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words. */
  readonly shown: (value: number) => string;
  readonly onChange: (value: number) => void;
};

export function Slider({ label, value, min, max, step, shown, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <div className="flex justify-between gap-4">
        <span id={id} className="font-bold">{label}</span>
        <span aria-hidden className="text-quiet tabular-nums">{shown(value)}</span>
      </div>
      <Radix.Root
        value={[value]}
        min={min}
        max={max}
        step={step}
        onValueChange={([chosen]) => { if (chosen !== undefined) onChange(chosen); }}
        className="relative flex h-11 touch-none items-center select-none"
      >
        <Radix.Track className="relative h-2.5 grow rounded-full border border-edge bg-sunk">
          <Radix.Range className="absolute h-full rounded-full bg-accent" />
        </Radix.Track>
        <Radix.Thumb
          aria-labelledby={id}
          aria-valuetext={shown(value)}
          className="relative block size-7 rounded-full border-2 border-accent bg-raised before:absolute before:-inset-2.5 before:content-['']"
        />
      </Radix.Root>
    </div>
  );
}
