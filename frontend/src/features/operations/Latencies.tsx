import { lazy, Suspense } from "react";

import { Card } from "../../components/Card";
import { Loading } from "../../components/Loading";
import { Tabs } from "../../components/Tabs";
import type { Counted } from "../../services/api/operations";
import { milliseconds, WAY_NAMES } from "./figures";
import { bars, byStage, countOf, type Quantity, type Stage } from "./histogram";
import { Rows } from "./Rows";
import { Swatch } from "./Swatch";

const Bars = lazy(() => import("./Bars"));

const QUANTITIES = ["firstEvent", "words"] as const;
const TITLES: Readonly<Record<Quantity, string>> = { firstEvent: "Until the first event", words: "Until the words" };
const WAYS = ["websocket", "sse"] as const;

/** How long readings take over either way, stage by stage. */
export function Latencies({ counted }: { readonly counted: readonly Counted[] }) {
  const stages = byStage(counted);
  return (
    <section aria-labelledby="latencies" className="flex flex-col gap-4">
      <h3 id="latencies" className="text-lg">How long readings take</h3>
      {stages.length === 0 ? <p className="text-quiet">There are no readings yet.</p> : (
        <Tabs
          label="How long readings take"
          tabs={[
            { value: "bars", label: "As bars", content: <Each stages={stages} as="bars" /> },
            { value: "tables", label: "As tables", content: <Each stages={stages} as="tables" /> },
          ]}
        />
      )}
    </section>
  );
}

function Each({ stages, as }: { readonly stages: readonly Stage[]; readonly as: "bars" | "tables" }) {
  return (
    <div className="flex flex-col gap-6">
      {as === "bars" && (
        <p className="flex flex-wrap items-center gap-x-5 gap-y-1 text-sm">
          {WAYS.map((way) => <span key={way} className="flex items-center gap-1.5"><Swatch way={way} of="bars" /> {WAY_NAMES[way]}</span>)}
          <span className="text-quiet">A bar is of all readings over its way so many per cent; below it, up to how many seconds they took.</span>
        </p>
      )}
      {stages.map((stage) => (
        <div key={stage.stage} className="flex flex-col gap-3">
          <h4 className="font-bold">{stage.stage === 0 ? "Before the rollout" : `At ${stage.stage} %`}</h4>
          <div className="grid gap-5 lg:grid-cols-2">
            {QUANTITIES.map((quantity) => <One key={quantity} stage={stage} quantity={quantity} as={as} />)}
          </div>
        </div>
      ))}
    </div>
  );
}

function One({ stage, quantity, as }: { readonly stage: Stage; readonly quantity: Quantity; readonly as: "bars" | "tables" }) {
  const shown = bars(stage, quantity);
  const seen = WAYS.filter((way) => countOf(stage[way]?.[quantity] ?? NONE) > 0);
  return (
    <Card className="flex flex-col gap-2">
      <h5 className="font-bold">{TITLES[quantity]}</h5>
      <ul className="text-sm text-quiet">
        {WAYS.map((way) => <li key={way}>{WAY_NAMES[way]}: {summary(stage, way, quantity)}</li>)}
      </ul>
      {seen.length > 0 && (as === "bars" ? (
        <Suspense fallback={<Loading what="Drawing" />}><div aria-hidden><Bars shown={shown} /></div></Suspense>
      ) : (
        <Rows
          caption={`${TITLES[quantity]}, at ${stage.stage} %`}
          head={["Time", ...WAYS.map((way) => WAY_NAMES[way])]}
          rows={shown.map(({ label, counts }) => ({ key: label, cells: [label, counts.websocket, counts.sse] }))}
          empty=""
        />
      ))}
    </Card>
  );
}

const NONE = { median: null, p95: null, bins: [] } as const;

function summary(stage: Stage, way: (typeof WAYS)[number], quantity: Quantity): string {
  const latency = stage[way]?.[quantity] ?? NONE;
  if (latency.median === null) return "nothing yet";
  return `half by ${milliseconds(latency.median)}, 95 of 100 by ${milliseconds(latency.p95)}, of ${countOf(latency)} readings`;
}
