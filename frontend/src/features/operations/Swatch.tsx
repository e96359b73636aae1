import { useId } from "react";

import { Hatching } from "./Hatching";
import type { Way } from "./figures";

/** What a way looks like in the charts: a shape and a pattern of its own, as well as a colour. */
export function Swatch({ way, of }: { readonly way: Way; readonly of: "dots" | "bars" }) {
  const hatching = useId();
  const Shape = SHAPES[way];
  return (
    <svg aria-hidden viewBox="0 0 16 16" className="inline-block size-[0.9em] shrink-0">
      {of === "dots" ? <Shape cx={8} cy={8} /> : way === "websocket" ? <rect width={16} height={16} fill="var(--color-accent)" /> : (
        <>
          <Hatching id={hatching} />
          <rect x={1} y={1} width={14} height={14} fill={`url(#${hatching})`} stroke="var(--color-edge)" strokeWidth={2} />
        </>
      )}
    </svg>
  );
}

type ShapeProps = { readonly cx?: number | undefined; readonly cy?: number | undefined };

function Circle({ cx = 0, cy = 0 }: ShapeProps) {
  return <circle cx={cx} cy={cy} r={6.5} fill="var(--color-accent)" />;
}

function Diamond({ cx = 0, cy = 0 }: ShapeProps) {
  return <path d={`M${cx} ${cy - 6.5}l6.5 6.5l-6.5 6.5l-6.5-6.5z`} fill="var(--color-raised)" stroke="var(--color-ink)" strokeWidth={2} />;
}

/** Dots of the charts. */
export const SHAPES = { websocket: Circle, sse: Diamond } as const;
