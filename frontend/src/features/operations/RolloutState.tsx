import { Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { Button } from "../../components/Button";
import { Card } from "../../components/Card";
import type { Action, Rollout } from "../../services/api/operations";
import { ACTION_NAMES } from "./actions";
import { ChangeDialog, type Asked } from "./ChangeDialog";
import { moment } from "./times";
import { Track } from "./Track";

/** How far it has come, what the guard thinks, and what can be done. */
export function RolloutState({ rollout }: { readonly rollout: Rollout }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = (action: Action) => { setAsked({ action, after: rollout.history[0]?.number ?? 0 }); };
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (asked === null) return undefined;
    const here = heading.current;
    return () => { setTimeout(() => { catchFocus(here); }); }; // after the dialog has tried to give it back
  }, [asked]);
  const others = rollout.possible.filter((action) => action !== "rollback");
  return (
    <section aria-labelledby="rollout" className="flex flex-col gap-4">
      <h2 id="rollout" ref={heading} tabIndex={-1} className="text-xl">How far the WebSocket has come</h2>
      <Card className="flex flex-col gap-5">
        <Track rollout={rollout} />
        <div className="flex flex-col gap-1">
          {rollout.since !== "" && <p className="text-quiet">At {rollout.percentage} % since {moment(rollout.since)}.</p>}
          {rollout.held && <p>It is held: nobody else is moved until you resume it.</p>}
          {rollout.switch !== "auto" && <p>The server&apos;s switch is {rollout.switch}, which counts before the stage.</p>}
          {!rollout.sseEnabled && <p>SSE is retired on this server.</p>}
          {rollout.guard.reason !== "" && <p>The guard: {rollout.guard.reason}</p>}
        </div>
        <div className="flex flex-wrap gap-3">
          {others.map((action) => <Button key={action} onClick={() => { ask(action); }}>{ACTION_NAMES[action]}</Button>)}
          <Button look="danger" disabled={!rollout.possible.includes("rollback")} onClick={() => { ask("rollback"); }}><Undo2 aria-hidden size={20} /> {ACTION_NAMES.rollback}</Button>
        </div>
      </Card>
      {asked !== null && <ChangeDialog asked={asked} onDone={() => { setAsked(null); }} />}
    </section>
  );
}

/** The button that led to a change may be gone with it. */
function catchFocus(heading: HTMLElement | null): void {
  if (document.activeElement === document.body) heading?.focus();
}
