import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";

const chipStyle = cva("inline-flex items-center gap-1.5 rounded-full px-3 py-1 text-sm leading-tight [&_svg]:shrink-0", {
  variants: {
    tone: {
      plain: "bg-sunk text-ink",
      accent: "bg-accent-soft text-accent-deep",
      right: "bg-right-soft text-right",
      wrong: "bg-wrong-soft text-wrong",
      honey: "bg-honey-soft text-ink",
    },
  },
  defaultVariants: { tone: "plain" },
});

/** A small remark that stands by itself. */
export function Chip({ tone, className, ...rest }: ComponentProps<"span"> & VariantProps<typeof chipStyle>) {
  return <span className={chipStyle({ tone, className })} {...rest} />;
}
