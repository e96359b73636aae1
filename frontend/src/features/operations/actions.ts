import { ACTIONS, type Action } from "../../services/api/operations";

export const ACTION_NAMES: Readonly<Record<Action, string>> = {
  start: "Start",
  advance: "Advance",
  hold: "Hold",
  resume: "Resume",
  rollback: "Roll back",
};

const DONE: Readonly<Record<Action, string>> = {
  start: "Started",
  advance: "Advanced",
  hold: "Held",
  resume: "Resumed",
  rollback: "Rolled back",
};

/** What was done; of an action that this page does not know, its name. */
export function doneInWords(action: string): string {
  const known = ACTIONS.find((each) => each === action);
  return known === undefined ? action : DONE[known];
}
