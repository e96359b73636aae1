/**
 * One button, two ways: tap to begin and tap to end, or hold while reading. Pure.
 * Which of the two it is shows when it is let go.
 */
export type Press = { readonly downAt: number | null };
export type PressAction = { readonly type: "down" | "up" | "away"; readonly at: number; readonly recording: boolean };
export type Wish = "start" | "stop" | null;

const HOLD_MS = 400; // a tap is shorter

export const UNPRESSED: Press = { downAt: null };

export function press(state: Press, { type, at, recording }: PressAction): readonly [Press, Wish] {
  if (type === "down") return recording ? [UNPRESSED, "stop"] : [{ downAt: at }, "start"];
  const held = state.downAt !== null && at - state.downAt >= HOLD_MS;
  return [UNPRESSED, held && type === "up" ? "stop" : null];
}
