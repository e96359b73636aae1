import { CircleCheck, CircleHelp, TriangleAlert } from "lucide-react";
import { lazy, Suspense } from "react";

import { Card } from "../../components/Card";
import { Chip } from "../../components/Chip";
import { Loading } from "../../components/Loading";
import { METRICS, type Metric, type MetricName, type Rollout, type Verdict } from "../../services/api/operations";
import { behind, inWords, lacking, range, TARGETS, TITLES, VERDICT_WORDS, WAY_NAMES, waysOf, type Way } from "./figures";
import { Swatch } from "./Swatch";

const Dots = lazy(() => import("./Dots"));

const LOOKS = {
  better: { tone: "right", Icon: CircleCheck },
  worse: { tone: "wrong", Icon: TriangleAlert },
  undecided: { tone: "plain", Icon: CircleHelp },
} as const;

/** The plan's four, of those whom this stage has dealt to either way: what the guard judges by, and what it thinks. */
export function Metrics({ rollout }: { readonly rollout: Rollout }) {
  return (
    <section aria-labelledby="metrics" className="flex flex-col gap-4">
      <div className="flex flex-col gap-1">
        <h2 id="metrics" className="text-xl">Does it go well?</h2>
        <p className="max-w-[70ch] text-quiet">{basis(rollout)}</p>
      </div>
      <div className="grid gap-5 lg:grid-cols-2">
        {METRICS.map((name) => {
          const metric = rollout.metrics.find((one) => one.name === name);
          return metric && <One key={name} name={name} metric={metric} rollout={rollout} />;
        })}
      </div>
    </section>
  );
}

function basis({ percentage, sseIsPast }: Rollout): string {
  if (percentage === 0) return "Both ways are compared once the rollout has started, and everybody is dealt to one of them.";
  const past = sseIsPast ? " Nobody is dealt to SSE any more: its figures are those of the stages before." : "";
  return `What those have lived through whom this stage has dealt to either way, since it began. Whoever has chosen a way is left out. The line across a dot is where the true value surely lies, however often one looks.${past}`;
}

type OneProps = { readonly name: MetricName; readonly metric: Metric; readonly rollout: Rollout };

function One({ name, metric, rollout }: OneProps) {
  const missing = rollout.percentage === 0 || metric.verdict === "worse" ? null : lacking(metric, name, rollout.needed);
  return (
    <Card className="flex flex-col gap-3" data-metric={name}>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <h3>{TITLES[name]}</h3>
        {rollout.percentage > 0 && <Judged verdict={metric.verdict} />}
      </div>
      <dl className="grid grid-cols-2 gap-x-6">
        {waysOf(name).map((way) => <Value key={way} way={way} name={name} metric={metric} />)}
      </dl>
      {metric.estimate !== null && <Suspense fallback={<Loading what="Drawing" />}><div aria-hidden><Dots metric={metric} name={name} /></div></Suspense>}
      <div className="flex flex-col gap-1 text-sm">
        <p>Target: {TARGETS[name]}. {range(metric, name)}</p>
        {missing !== null && <p className="text-quiet">{missing}</p>}
        {metric.estimate !== null && <p className="text-quiet">{metric.sentence}</p>}
      </div>
    </Card>
  );
}

function Value({ way, name, metric }: { readonly way: Way; readonly name: MetricName; readonly metric: Metric }) {
  const cohort = metric[way];
  return (
    <div>
      <dt className="flex items-center gap-1.5 text-sm text-quiet"><Swatch way={way} of="dots" /> {WAY_NAMES[way]}</dt>
      <dd className={cohort.value === null ? "text-quiet" : "text-3xl font-bold tabular-nums"}>{inWords(name, cohort.value)}</dd>
      {cohort.value !== null && <dd className="text-sm text-quiet">{behind(name, cohort)}</dd>}
    </div>
  );
}

function Judged({ verdict }: { readonly verdict: Verdict }) {
  const { tone, Icon } = LOOKS[verdict];
  return <Chip tone={tone}><Icon aria-hidden size={18} /> {VERDICT_WORDS[verdict]}</Chip>;
}
