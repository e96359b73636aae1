import { Check } from "lucide-react";

import { classes } from "../../components/classes";
import type { Rollout } from "../../services/api/operations";

const STEPS = [0, 10, 50, 100] as const;

/** The stages in a row, as far as it has come. */
export function Track({ rollout: { percentage, held } }: { readonly rollout: Rollout }) {
  return (
    <ol aria-label="Stages" className="grid grid-cols-4">
      {STEPS.map((step) => (
        <li
          key={step}
          aria-current={step === percentage ? "step" : undefined}
          className={classes(
            "relative flex flex-col items-center gap-1.5 text-center before:absolute before:top-4 before:right-1/2 before:h-1 before:w-full before:-translate-y-1/2 first:before:hidden",
            step <= percentage ? "before:bg-accent" : "before:bg-line",
          )}
        >
          <span aria-hidden className={classes("z-10 flex size-8 items-center justify-center rounded-full border-2", lookOf(step, percentage))}>
            {step < percentage && <Check size={18} />}
            {step === percentage && <span className="size-3 rounded-full bg-on-accent" />}
          </span>
          <span className={step === percentage ? "text-lg leading-tight font-bold" : "leading-tight text-quiet"}>{step} %</span>
          {step === percentage && <span className="text-sm leading-tight text-quiet">{held ? "held" : "now"}</span>}
        </li>
      ))}
    </ol>
  );
}

function lookOf(step: number, percentage: number): string {
  if (step === percentage) return "border-accent bg-accent outline-3 outline-offset-2 outline-accent-soft";
  return step < percentage ? "border-accent bg-accent text-on-accent" : "border-edge bg-raised";
}
