import { Bar, BarChart, CartesianGrid, ReferenceLine, ResponsiveContainer, XAxis, YAxis } from "recharts";

export type Shown = { readonly label: string; readonly value: number };

const TICK = { fill: "var(--color-quiet)", fontSize: "0.8rem" };

type BarsProps = { readonly shown: readonly Shown[]; readonly target?: number | null; readonly height?: number };

/** Bars from nothing up, and the line they are measured by. */
export default function Bars({ shown, target = null, height = 180 }: BarsProps) {
  return (
    <ResponsiveContainer width="100%" height={height}>
      <BarChart data={[...shown]} accessibilityLayer={false} margin={{ top: 12, right: 12, bottom: 0, left: 0 }}>
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis dataKey="label" tick={TICK} tickLine={false} axisLine={{ stroke: "var(--color-edge)" }} />
        <YAxis tick={TICK} tickLine={false} axisLine={false} width={48} />
        <Bar dataKey="value" fill="var(--color-accent)" maxBarSize={48} isAnimationActive={false} />
        {target !== null && <ReferenceLine y={target} stroke="var(--color-ink)" strokeWidth={2} strokeDasharray="6 4" ifOverflow="extendDomain" />}
      </BarChart>
    </ResponsiveContainer>
  );
}
