import { CircleAlert } from "lucide-react";
import { useId, type ComponentProps, type ReactNode } from "react";

import { classes } from "./classes";

type FieldProps = Omit<ComponentProps<"input">, "id" | "children"> & {
  readonly label: string;
  readonly hint?: string | undefined;
  /** What is wrong with what was entered; said beside the field. */
  readonly error?: string | undefined;
  /** Beside the input, such as a button that shows a password. */
  readonly aside?: ReactNode;
};

/** One line of text with its name above it and what is wrong with it below. */
export function Field({ label, hint, error, aside, className, ...input }: FieldProps) {
  const id = useId();
  const described = classes(hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`);
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-bold">{label}</label>
      <div className="flex items-center gap-2">
        <input
          id={id}
          aria-invalid={error !== undefined}
          aria-describedby={described === "" ? undefined : described}
          className="min-h-12 w-full rounded-xl border-2 border-edge bg-raised px-4 py-2 text-ink placeholder:text-quiet aria-invalid:border-danger"
          {...input}
        />
        {aside}
      </div>
      {hint !== undefined && <p id={`${id}-hint`} className="text-sm text-quiet">{hint}</p>}
      <FieldError id={`${id}-error`} message={error} />
    </div>
  );
}

/** What is wrong, next to where it is wrong. */
export function FieldError({ id, message }: { readonly id: string; readonly message: string | undefined }) {
  if (message === undefined) return null;
  return (
    <p id={id} role="alert" className="flex items-start gap-1.5 font-bold text-danger">
      <CircleAlert aria-hidden size={20} className="mt-0.5 shrink-0" /> {message}
    </p>
  );
}
