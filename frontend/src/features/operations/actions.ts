import { ACTIONS, type Action } from "../../services/api/operations";

export const ACTION_NAMES: Readonly<Record<Action, string>> = {
  start: "Start",
  advance: "Advance",
  hold: "Hold",
  resume: "Resume",
  rollback: "Roll back",
};

/** What follows from it, before somebody does it. */
export const EFFECTS: Readonly<Record<Action, string>> = {
  start: "A tenth of all people get the WebSocket.",
  advance: "More people get the WebSocket, and the stage begins with nothing known of it.",
  hold: "Everybody keeps the way they have, until somebody resumes the rollout.",
  resume: "The stage goes on, and begins with nothing known of it.",
  rollback: "Everybody gets SSE again, except those who have chosen their way themselves. No reading is lost.",
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
