import { Switch as Radix } from "radix-ui";
import { useId, type ReactNode } from "react";

type SwitchProps = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
};

/** On or off, with immediate effect. The whole line can be tapped. */
export function Switch({ label, hint, checked, onChange, disabled = false }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex min-h-12 items-center justify-between gap-4">
      <div className="min-w-0">
        <label htmlFor={id} className="block cursor-pointer py-1 font-bold">{label}</label>
        {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-quiet">{hint}</p>}
      </div>
      <Radix.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className="group inline-flex h-11 w-16 shrink-0 items-center rounded-full disabled:opacity-55"
      >
        <span className="flex h-9 w-full items-center rounded-full border-2 border-edge bg-sunk px-0.5 transition-colors duration-150 group-data-[state=checked]:border-accent group-data-[state=checked]:bg-accent">
          <Radix.Thumb className="grid size-7 place-items-center rounded-full bg-edge text-on-accent transition-transform duration-150 data-[state=checked]:translate-x-7 data-[state=checked]:bg-on-accent data-[state=checked]:text-accent">
            <svg aria-hidden viewBox="0 0 16 16" className="size-4 opacity-0 group-data-[state=checked]:opacity-100">
              <path d="M3 8.5l3.4 3.4L13 5" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
            </svg>
          </Radix.Thumb>
        </span>
      </Radix.Root>
    </div>
  );
}
