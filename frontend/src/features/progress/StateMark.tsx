import type { SoundState } from "../../services/api/progress";

/** The shape of a sound's state; the words stand beside it. */
export function StateMark({ state }: { readonly state: SoundState }) {
  return (
    <svg aria-hidden viewBox="0 0 20 20" className="size-5 shrink-0">
      {SHAPES[state]}
    </svg>
  );
}

const SHAPES = {
  mastered: (
    <>
      <circle cx="10" cy="10" r="9" className="fill-right" />
      <path d="M5.500 10.500l3 3 6-6.500" className="fill-none stroke-raised" strokeWidth="2.400" strokeLinecap="round" strokeLinejoin="round" />
    </>
  ),
  growing: (
    <g className="fill-none stroke-wrong" strokeWidth="2.200" strokeLinecap="round" strokeLinejoin="round">
      <path d="M10 18v-9" />
      <path d="M10 11c-5 0-6.500-3-6.500-6 4.500 0 6.500 2 6.500 6z" className="fill-wrong-soft" />
      <path d="M10 9c0-4 2-6 6.500-6 0 4-2 6-6.500 6z" className="fill-wrong-soft" />
    </g>
  ),
  not_enough: <circle cx="10" cy="10" r="8" className="fill-none stroke-quiet" strokeWidth="2.200" strokeDasharray="0.5 4.500" strokeLinecap="round" />,
  new: <rect x="2" y="2" width="16" height="16" rx="4" className="fill-none stroke-quiet" strokeWidth="1.800" strokeDasharray="4 3" />,
} as const;
