import { number, record } from "./decode";
import { call, type Caller } from "./http";

/** Begins to practise; readings belong to the id that comes back. `activity`: what is practised, at most 200 characters. */
export async function startPracticeSession(activity: string, caller: Caller): Promise<number> {
  return number(record(await call("/api/sessions", { ...caller, method: "POST", body: { activity } }))["id"]);
}
