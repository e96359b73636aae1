import { Card } from "../../components/Card";
import type { Change } from "../../services/api/operations";
import { doneInWords } from "./actions";
import { moment } from "./times";

/** What was done about the rollout, by whom, and why. */
export function History({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <section aria-labelledby="history" className="flex flex-col gap-4">
      <h2 id="history" className="text-xl">What was done</h2>
      <Card>
        {changes.length === 0 ? <p className="text-quiet">Nothing yet.</p> : (
          <ol aria-label="History of the rollout, the newest first" className="divide-y divide-line">
            {changes.map((change) => <One key={change.number} change={change} />)}
          </ol>
        )}
      </Card>
    </section>
  );
}

function One({ change: { action, percentage, who, reason, at } }: { readonly change: Change }) {
  return (
    <li className="flex flex-col gap-0.5 py-3 first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-bold">{doneInWords(action)}: {percentage} %</span>
        <span className="text-sm text-quiet">{who}, <time dateTime={at}>{moment(at)}</time></span>
      </p>
      <p>{reason}</p>
    </li>
  );
}
