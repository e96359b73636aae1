import { ChevronDown } from "lucide-react";
import { useId } from "react";

import { classes } from "./classes";

export type Option<Value extends string> = { readonly value: Value; readonly label: string };

type SelectProps<Value extends string> = {
  readonly label: string;
  readonly hint?: string;
  readonly value: Value;
  readonly options: readonly Option<Value>[];
  readonly onChange: (value: Value) => void;
  readonly className?: string;
};

/** One of many. The browser's own list: what phones and screen readers know best. */
export function Select<Value extends string>({ label, hint, value, options, onChange, className }: SelectProps<Value>) {
  const id = useId();
  const choose = (chosen: string) => {
    const option = options.find((known) => known.value === chosen);
    if (option !== undefined) onChange(option.value);
  };
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-bold">{label}</label>
      <div className="relative">
        <select
          id={id}
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => { choose(event.target.value); }}
          className="min-h-12 w-full appearance-none rounded-xl border-2 border-edge bg-raised py-2 pr-11 pl-4 text-ink"
        >
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
        <ChevronDown aria-hidden size={20} className="pointer-events-none absolute top-1/2 right-4 -translate-y-1/2 text-quiet" />
      </div>
      {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-quiet">{hint}</p>}
    </div>
  );
}
