import { RadioGroup as Radix } from "radix-ui";
import { useId } from "react";

import { classes } from "./classes";
import type { Option } from "./Select";

type RadioGroupProps<Value extends string> = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
};

/** One of a few, all in sight. */
export function RadioGroup<Value extends string>({ label, hint, value, options, onChange, className }: RadioGroupProps<Value>) {
  const id = useId();
  const choose = (chosen: string) => {
    const option = options.find((known) => known.value === chosen);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <span id={id} className="font-bold">{label}</span>
      <Radix.Root value={value} onValueChange={choose} aria-labelledby={id} aria-describedby={hint === undefined ? undefined : `${id}-hint`} className="flex flex-wrap gap-2">
        {options.map((option) => (
          <Radix.Item
            key={option.value}
            value={option.value}
            className="flex min-h-12 items-center gap-2.5 rounded-[1.75rem] border-2 border-edge bg-raised px-4 py-2 text-left transition-colors duration-150 hover:border-accent data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:font-bold"
          >
            <span aria-hidden className="grid size-5 shrink-0 place-items-center rounded-full border-2 border-current">
              <Radix.Indicator className="size-2.5 rounded-full bg-accent" />
            </span>
            {option.label}
          </Radix.Item>
        ))}
      </Radix.Root>
      {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-quiet">{hint}</p>}
    </div>
  );
}
