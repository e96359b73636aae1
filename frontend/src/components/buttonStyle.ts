import { cva, type VariantProps } from "class-variance-authority";

/** How a button looks; for links that look like one as well. */
export const buttonStyle = cva(
  "inline-flex max-w-full select-none items-center justify-center gap-2 rounded-[1.75rem] text-center leading-tight font-bold no-underline transition-colors duration-150 disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:shrink-0",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent hover:bg-accent-deep",
        secondary: "border-2 border-edge bg-raised text-ink hover:border-accent hover:bg-accent-soft",
        quiet: "text-accent hover:bg-accent-soft",
        danger: "border-2 border-danger bg-raised text-danger hover:bg-wrong-soft",
      },
      size: {
        normal: "min-h-12 px-5 py-2",
        large: "min-h-16 rounded-[2rem] px-8 py-3 text-xl",
        icon: "size-12 shrink-0 p-0",
      },
    },
    defaultVariants: { look: "secondary", size: "normal" },
  },
);

export type ButtonStyle = VariantProps<typeof buttonStyle>;
