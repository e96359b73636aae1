import { useState } from "react";

import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import { Chip } from "../../components/Chip";
import type { Action, Rollout } from "../../services/api/operations";
import { ChangeDialog, type Asked } from "./ChangeDialog";
import { ACTION_NAMES } from "./actions";
import { Rows } from "./Rows";

const STEPS = [0, 10, 50, 100] as const;

/** How far it has come, what the guard thinks, what can be done, and what was. */
export function RolloutState({ rollout }: { readonly rollout: Rollout }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = (action: Action) => { setAsked({ action, after: rollout.history[0]?.number ?? 0 }); };
  const others = rollout.possible.filter((action) => action !== "rollback");
  return (
    <section aria-labelledby="rollout" className="flex flex-col gap-4">
      <h2 id="rollout" className="text-xl">Rollout</h2>
      <Card className="flex flex-col gap-4">
        <ol aria-label="Stages" className="flex flex-wrap gap-2">
          {STEPS.map((step) => (
            <li key={step} aria-current={step === rollout.percentage ? "step" : undefined}>
              <Chip tone={step === rollout.percentage ? "accent" : "plain"}>{step} %{step === rollout.percentage && " now"}</Chip>
            </li>
          ))}
        </ol>
        {rollout.held && <p>It is held: nobody else is moved until you resume it.</p>}
        {rollout.switch !== "auto" && <p>The server&apos;s switch is {rollout.switch}, which counts before the stage.</p>}
        {!rollout.sseEnabled && <p>SSE is retired on this server.</p>}
        {rollout.guard.reason !== "" && <p className="text-quiet">The guard: {rollout.guard.reason}</p>}
        <div className="flex flex-wrap gap-3">
          <Button look="danger" disabled={!rollout.possible.includes("rollback")} onClick={() => { ask("rollback"); }}>{ACTION_NAMES.rollback}</Button>
          {others.map((action) => <Button key={action} onClick={() => { ask(action); }}>{ACTION_NAMES[action]}</Button>)}
        </div>
      </Card>
      <Card>
        <h3>What was done</h3>
        <Rows
          caption="History of the rollout, the newest first"
          head={["When", "What", "Stage", "Who", "Why"]}
          rows={rollout.history.map(({ at, action, percentage, who, reason }) => [new Date(at).toLocaleString(), action, `${percentage} %`, who, reason])}
          empty="Nothing yet."
        />
      </Card>
      {asked !== null && <ChangeDialog asked={asked} onDone={() => { setAsked(null); }} />}
    </section>
  );
}
