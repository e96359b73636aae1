import { useId } from "react";
import { Bar as Drawn, BarChart, CartesianGrid, ResponsiveContainer, XAxis, YAxis } from "recharts";

import { Hatching } from "./Hatching";
import type { Bar } from "./histogram";
import { scale } from "./scale";

const TICK = { fill: "var(--color-quiet)", fontSize: "0.8rem" };

/** Of the readings over either way so many per cent, by how long they took. */
export default function Bars({ shown }: { readonly shown: readonly Bar[] }) {
  const hatching = useId();
  const { to, ticks } = scale(0, Math.max(...shown.flatMap(({ websocket, sse }) => [websocket, sse])));
  return (
    <ResponsiveContainer width="100%" height={200}>
      <BarChart data={[...shown]} accessibilityLayer={false} barGap={2} barCategoryGap="18%" margin={{ top: 8, right: 4, bottom: 0, left: 0 }}>
        <Hatching id={hatching} />
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis dataKey="tick" interval={0} tick={TICK} tickLine={false} axisLine={{ stroke: "var(--color-edge)" }} />
        <YAxis domain={[0, to]} ticks={[...ticks]} tick={TICK} tickLine={false} axisLine={false} width={52} unit=" %" />
        <Drawn dataKey="websocket" fill="var(--color-accent)" maxBarSize={28} isAnimationActive={false} />
        <Drawn dataKey="sse" fill={`url(#${hatching})`} stroke="var(--color-edge)" maxBarSize={28} isAnimationActive={false} />
      </BarChart>
    </ResponsiveContainer>
  );
}
