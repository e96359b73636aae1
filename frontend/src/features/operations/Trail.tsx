import { Line, LineChart, ResponsiveContainer, XAxis, YAxis } from "recharts";

import type { Point } from "./connections";

const TICK = { fill: "var(--color-quiet)", fontSize: "0.8rem" };

/** How many were connected since this page was opened. */
export default function Trail({ shown }: { readonly shown: readonly Point[] }) {
  return (
    <ResponsiveContainer width="100%" height={96}>
      <LineChart data={[...shown]} accessibilityLayer={false} margin={{ top: 8, right: 8, bottom: 4, left: 0 }}>
        <XAxis dataKey="at" type="number" domain={["dataMin", "dataMax"]} hide />
        <YAxis domain={[0, "auto"]} tick={TICK} tickLine={false} axisLine={false} width={40} allowDecimals={false} tickCount={3} />
        <Line type="stepAfter" dataKey="connections" stroke="var(--color-accent)" strokeWidth={3} dot={shown.length === 1} isAnimationActive={false} />
      </LineChart>
    </ResponsiveContainer>
  );
}
