import { Card } from "../../components/Card";
import type { Change } from "../../services/api/operations";
import { doneInWords } from "./actions";
import { Rows } from "./Rows";
import { moment } from "./times";

/** What was done about the rollout, by whom, and why. */
export function History({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <section aria-labelledby="history" className="flex flex-col gap-4">
      <h2 id="history" className="text-xl">What was done</h2>
      <Card>
        <Rows
          caption="History of the rollout, the newest first"
          head={["When", "What", "Stage", "Who", "Why"]}
          rows={changes.map(({ number, at, action, percentage, who, reason }) => ({
            key: number,
            cells: [<time key="at" dateTime={at} className="whitespace-nowrap">{moment(at)}</time>, doneInWords(action), `${percentage} %`, who, <span key="reason" className="block min-w-40">{reason}</span>],
          }))}
          empty="Nothing yet."
        />
      </Card>
    </section>
  );
}
