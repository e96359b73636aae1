import { lazy, Suspense, useState } from "react";

import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import type { Figures, Named } from "../../services/api/operations";
import { meaningOf } from "./closeCodes";
import { grown, type Point } from "./connections";
import { Latencies } from "./Latencies";
import { Rows, type Row } from "./Rows";
import { moment } from "./times";

const Trail = lazy(() => import("./Trail"));

/** Who is connected, how connections end, and how long readings take: of everybody. */
export function Counts({ figures, at }: { readonly figures: Figures; readonly at: number }) {
  return (
    <section aria-labelledby="counts" className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <h2 id="counts" className="text-xl">Since the server started</h2>
        <p className="max-w-[70ch] text-quiet">Of everybody, also of those who have chosen their way, since {moment(figures.since)}. The guard does not judge by these.</p>
      </div>
      <div className="grid gap-5 lg:grid-cols-[1fr_1.5fr_1fr]">
        <Connected figures={figures} at={at} />
        <Card><h3>How connections ended</h3><Rows caption="Close codes" head={["Code", "Why", "Times"]} rows={figures.closes.map((close) => rowOf(close, figures.closes, meaningOf(close.name)))} empty="None has ended yet." /></Card>
        <Card><h3>Fallbacks to SSE</h3><Rows caption="Fallbacks to SSE by reason" head={["Why", "Times"]} rows={figures.fallbacks.map((fallback) => rowOf(fallback, figures.fallbacks))} empty="Nobody has fallen back." /></Card>
      </div>
      <Latencies counted={figures.transports} />
    </section>
  );
}

function Connected({ figures, at }: { readonly figures: Figures; readonly at: number }) {
  const [trail, setTrail] = useState<readonly Point[]>([]);
  const now = grown(trail, { at, connections: figures.connectionsNow });
  if (now !== trail) setTrail(now);
  return (
    <Card className="flex flex-col gap-1">
      <h3>Connected now</h3>
      <p className="text-3xl font-bold tabular-nums">{figures.connectionsNow}</p>
      <Suspense fallback={<Loading what="Drawing" />}><div aria-hidden><Trail shown={now} /></div></Suspense>
      <p className="text-sm text-quiet">WebSockets, since this page was opened. Lost and back again: {figures.reconnects}.</p>
    </Card>
  );
}

/** A count, with a bar that is as long as its share. */
function rowOf({ name, count }: Named, all: readonly Named[], meaning?: string): Row {
  const most = Math.max(...all.map((each) => each.count));
  const bar = (
    <span className="flex min-w-20 items-center gap-2">
      <span className="w-8 text-end">{count}</span>
      <span aria-hidden className="h-2.5 flex-1"><span className="block h-full rounded-full bg-accent" style={{ width: `${(100 * count) / most}%` }} /></span>
    </span>
  );
  return { key: name, cells: meaning === undefined ? [name.replaceAll("_", " "), bar] : [name, meaning, bar] };
}
