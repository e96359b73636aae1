import { rollout, type Metric, type MetricName } from "../../services/api/operations";

/** A metric as a server may tell it, for tests; what is not given is not known. */
export function metricOf(name: MetricName, given: Readonly<Record<string, unknown>>): Metric {
  const [only] = rollout({ metrics: [{ name, ...given }] }).metrics;
  if (only === undefined) throw new Error("no metric");
  return only;
}
