import type { Action } from "../../services/api/operations";

export const ACTION_NAMES: Readonly<Record<Action, string>> = {
  start: "Start",
  advance: "Advance",
  hold: "Hold",
  resume: "Resume",
  rollback: "Roll back",
};
