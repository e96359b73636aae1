import { useState } from "react";
import { CartesianGrid, ErrorBar, ReferenceArea, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, XAxis, YAxis } from "recharts";

import type { Metric, MetricName } from "../../services/api/operations";
import { WAY_NAMES } from "./figures";
import { dots, scaleOf } from "./scale";
import { SHAPES } from "./Swatch";

const TICK = { fill: "var(--color-quiet)", fontSize: "0.8rem" };
const ROW_PX = 40;
const AROUND_PX = 52;
const AXIS_REM = 5.6; // "WebSocket" in the size of the ticks, and room for a dot

/** A metric of either way on one scale, what the WebSocket's may really be, and the side of the target on which it is good. */
export default function Dots({ metric, name }: { readonly metric: Metric; readonly name: MetricName }) {
  const [axisWidth] = useState(() => AXIS_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
  const shown = dots(metric, name);
  const { from, to, ticks } = scaleOf(metric, name);
  const target = metric.target === null ? null : 100 * metric.target;
  const rows = shown.map(({ y }) => y);
  return (
    <ResponsiveContainer width="100%" height={AROUND_PX + ROW_PX * shown.length}>
      <ScatterChart accessibilityLayer={false} margin={{ top: 22, right: 20, bottom: 0, left: 0 }}>
        <CartesianGrid horizontal={false} stroke="var(--color-line)" />
        {target !== null && <ReferenceArea {...(name === "error_rate" ? { x1: from, x2: target } : { x1: target, x2: to })} fill="var(--color-right-soft)" fillOpacity={1} />}
        <XAxis type="number" dataKey="x" domain={[from, to]} ticks={[...ticks]} tick={TICK} tickLine={false} axisLine={{ stroke: "var(--color-edge)" }} unit=" %" />
        <YAxis
          type="number"
          dataKey="y"
          domain={[Math.min(...rows) - 0.5, Math.max(...rows) + 0.5]}
          ticks={rows}
          tickFormatter={(y: number) => (y === 1 ? WAY_NAMES.websocket : WAY_NAMES.sse)}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          tickMargin={12}
          width={axisWidth}
        />
        {target !== null && <ReferenceLine x={target} stroke="var(--color-ink)" strokeWidth={2} strokeDasharray="6 4" label={{ value: "target", position: "top", fill: "var(--color-ink)", fontSize: "0.8rem" }} />}
        {shown.map((dot) => (
          <Scatter key={dot.way} data={[dot]} isAnimationActive={false} shape={SHAPES[dot.way]}>
            {dot.error !== undefined && <ErrorBar dataKey="error" direction="x" width={7} strokeWidth={2} stroke="var(--color-accent)" isAnimationActive={false} />}
          </Scatter>
        ))}
      </ScatterChart>
    </ResponsiveContainer>
  );
}
