import { lazy, Suspense } from "react";

import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import type { Counted, Figures, Named } from "../../services/api/operations";
import { milliseconds } from "./figures";
import { Rows } from "./Rows";

const Bars = lazy(() => import("./Bars"));

/** Who is connected, how connections end, and how long readings take. */
export function Counts({ figures }: { readonly figures: Figures }) {
  return (
    <section aria-labelledby="counts" className="flex flex-col gap-4">
      <h2 id="counts" className="text-xl">Since the server started</h2>
      <p><span className="text-3xl font-bold">{figures.connectionsNow}</span> connected now, {figures.reconnects} reconnected so far</p>
      <div className="grid gap-5 md:grid-cols-2">
        <Card><h3>How connections ended</h3><Rows caption="Close codes" head={["Code", "Times"]} rows={rowsOf(figures.closes)} empty="None has ended yet." /></Card>
        <Card><h3>Fallbacks to SSE</h3><Rows caption="Fallbacks to SSE by reason" head={["Reason", "Times"]} rows={rowsOf(figures.fallbacks)} empty="Nobody has fallen back yet." /></Card>
        {figures.transports.map((one) => <Histogram key={`${one.transport} ${one.stage}`} counted={one} />)}
      </div>
      {figures.transports.length === 0 && <p className="text-quiet">There are no readings yet.</p>}
    </section>
  );
}

function Histogram({ counted: { transport, stage, words } }: { readonly counted: Counted }) {
  const shown = words.bins.map(({ fromMs, toMs, count }) => ({ label: `${milliseconds(fromMs)} to ${milliseconds(toMs)}`, value: count }));
  const title = `Time to words, ${transport === "sse" ? "SSE" : "WebSocket"} at ${stage} %`;
  return (
    <Card className="flex flex-col gap-3">
      <h3>{title}</h3>
      <p className="text-sm text-quiet">Half by {milliseconds(words.median)}, 95 of 100 by {milliseconds(words.p95)}</p>
      {shown.length > 0 && <Suspense fallback={<Loading what="Drawing" />}><div aria-hidden><Bars shown={shown} /></div></Suspense>}
      <Rows caption={title} head={["Time", "Readings"]} rows={shown.map(({ label, value }) => [label, String(value)])} empty="There are no readings yet." />
    </Card>
  );
}

function rowsOf(counts: readonly Named[]): readonly (readonly string[])[] {
  return counts.map(({ name, count }) => [name, String(count)]);
}
