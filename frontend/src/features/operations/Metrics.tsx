import { CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import { lazy, Suspense } from "react";

import { Card } from "../../components/Card";
import { Chip } from "../../components/Chip";
import { Loading } from "../../components/Loading";
import { METRICS, type Figures, type Metric, type MetricName, type Verdict } from "../../services/api/operations";
import { inWords, targetOf, TARGETS, TITLES, valueOf, VERDICT_WORDS } from "./figures";

const Bars = lazy(() => import("./Bars"));

const WAYS = [{ transport: "websocket", name: "WebSocket" }, { transport: "sse", name: "SSE" }] as const;
const LOOKS = {
  better: { tone: "right", Icon: CircleCheck },
  worse: { tone: "wrong", Icon: TriangleAlert },
  undecided: { tone: "plain", Icon: CircleHelp },
} as const;

/** The plan's four, by transport, with what the guard makes of them. */
export function Metrics({ metrics, figures }: { readonly metrics: readonly Metric[]; readonly figures: Figures }) {
  return (
    <section aria-labelledby="metrics" className="flex flex-col gap-4">
      <h2 id="metrics" className="text-xl">Does it go well?</h2>
      <div className="grid gap-5 md:grid-cols-2">
        {METRICS.map((name) => <One key={name} name={name} metric={metrics.find((one) => one.name === name)} figures={figures} />)}
      </div>
    </section>
  );
}

function One({ name, metric, figures }: { readonly name: MetricName; readonly metric: Metric | undefined; readonly figures: Figures }) {
  const ways = WAYS.filter(({ transport }) => name !== "connections" || transport === "websocket") // SSE has no sessions
    .map((way) => ({ ...way, value: valueOf(name, way.transport, figures.transports) }));
  const drawn = ways.flatMap(({ name: label, value }) => (value === null ? [] : [{ label, value }]));
  return (
    <Card className="flex flex-col gap-3">
      <h3>{TITLES[name]}</h3>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {ways.map(({ transport, name: way, value }) => (
          <div key={transport}>
            <dt className="text-sm text-quiet">{way}</dt>
            <dd className={value === null ? "text-quiet" : "text-3xl font-bold"}>{inWords(name, value)}</dd>
          </div>
        ))}
      </dl>
      <p className="text-sm text-quiet">{TARGETS[name]}</p>
      {drawn.length > 0 && (
        <Suspense fallback={<Loading what="Drawing" />}>
          <div aria-hidden><Bars shown={drawn} target={targetOf(name, figures.transports)} /></div>
        </Suspense>
      )}
      <Judged verdict={metric?.verdict ?? "undecided"} />
      {metric !== undefined && metric.n > 0 && <p className="text-sm">{metric.sentence}</p>}
    </Card>
  );
}

function Judged({ verdict }: { readonly verdict: Verdict }) {
  const { tone, Icon } = LOOKS[verdict];
  return <p><Chip tone={tone}><Icon aria-hidden size={18} /> {VERDICT_WORDS[verdict]}</Chip></p>;
}
