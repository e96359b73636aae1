import { useState } from "react";
import { CartesianGrid, LabelList, Line as Drawn, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import { readingsInWords, type Point } from "./numbers";

type LineProps = { readonly of: "soundsRight" | "wordsPerMinute"; readonly unit: string; readonly shown: readonly Point[]; readonly labelled: boolean };

/** A line over days. Its axis begins at nothing, so that it shows no more than there is. */
export default function Line({ of, unit, shown, labelled }: LineProps) {
  const [axisWidth] = useState(() => AXIS_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  return (
    <ResponsiveContainer width="100%" height={220}>
      <LineChart data={[...shown]} accessibilityLayer={false} margin={{ top: 24, right: 16, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis dataKey="day" tick={TICK} tickLine={false} tickMargin={8} padding={BESIDE} axisLine={{ stroke: "var(--color-edge)" }} minTickGap={24} />
        <YAxis domain={[0, of === "soundsRight" ? 100 : "auto"]} tick={TICK} tickLine={false} axisLine={false} unit={unit} width={axisWidth} />
        <Tooltip content={<Told of={of} unit={unit} />} cursor={{ stroke: "var(--color-edge)", strokeDasharray: "3 4" }} />
        <Drawn
          type="monotone"
          dataKey={of}
          stroke="var(--color-accent)"
          strokeWidth={3}
          dot={{ r: labelled ? 5 : 2.5, fill: "var(--color-raised)", stroke: "var(--color-accent)", strokeWidth: 3 }}
          activeDot={{ r: 7, fill: "var(--color-accent)" }}
          isAnimationActive={false}
        >
          {labelled && <LabelList dataKey="readings" position="top" offset={10} fill="var(--color-quiet)" fontSize="0.8rem" />}
        </Drawn>
      </LineChart>
    </ResponsiveContainer>
  );
}

const AXIS_REM = 2.7; // "100%" in the size of the ticks
const BESIDE = { left: 20, right: 4 } as const; // the first point stands clear of the numbers beside the axis
const TICK = { fill: "var(--color-quiet)", fontSize: "0.8rem" };

type ToldProps = {
  readonly of: LineProps["of"];
  readonly unit: string;
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: Point }[];
};

function Told({ of, unit, active = false, payload }: ToldProps) {
  const point = payload?.[0]?.payload;
  if (!active || point === undefined) return null;
  return (
    <div className="rounded-xl border border-line bg-raised px-4 py-2 text-sm shadow-page">
      <p className="font-bold">{point.day}: {point[of]}{unit}</p>
      <p className="text-quiet">{readingsInWords(point.readings)}</p>
    </div>
  );
}
