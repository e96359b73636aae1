import { CircleCheck, CircleDashed, CircleX } from "lucide-react";

import { useHealth } from "../../hooks/useHealth";
import type { Check } from "../../services/api";

const NAMES: Readonly<Record<string, string>> = {
  recognizer: "Listening",
  speaker: "Voice",
  coach: "Coach",
  database: "Database",
  accepting: "Taking readings",
  queue: "Waiting line",
};

export function HealthPanel() {
  const health = useHealth();
  return (
    <section aria-labelledby="health" className="health">
      <h2 id="health">This server</h2>
      <ul aria-live="polite">
        {health === undefined && <Line icon="wait" name="Asking" detail="one moment" />}
        {health?.checks.length === 0 && <Line icon="bad" name="Not reachable" detail="trying again" />}
        {inOrder(health?.checks ?? []).map((check) => (
          <CheckLine key={check.name} check={check} />
        ))}
      </ul>
    </section>
  );
}

/** What a learner notices first comes first; what this page does not know comes last. */
function inOrder(checks: readonly Check[]): readonly Check[] {
  const known = Object.keys(NAMES);
  const place = ({ name }: Check) => (known.includes(name) ? known.indexOf(name) : known.length);
  return checks.toSorted((one, other) => place(one) - place(other));
}

function CheckLine({ check }: { readonly check: Check }) {
  const name = NAMES[check.name] ?? check.name;
  if (check.ok) return <Line icon="good" name={name} detail="ready" more={check.detail} />;
  return <Line icon="bad" name={name} detail={`not ready: ${check.detail || "no answer"}`} />;
}

const ICONS = { good: CircleCheck, bad: CircleX, wait: CircleDashed } as const;

type LineProps = {
  readonly icon: keyof typeof ICONS;
  readonly name: string;
  readonly detail: string;
  readonly more?: string;
};

function Line({ icon, name, detail, more }: LineProps) {
  const Icon = ICONS[icon];
  return (
    <li className={icon} title={more}>
      <Icon aria-hidden size={20} />
      <strong>{name}</strong> <span>{detail}</span>
    </li>
  );
}
