import { describe, expect, it } from "vitest";

import { press, UNPRESSED, type Press } from "./press";

describe("press", () => {
  it("begins with a tap and ends with the next", () => {
    const [down, wish] = press(UNPRESSED, { type: "down", at: 0, recording: false });
    expect(wish).toBe("start");
    expect(press(down, { type: "up", at: 120, recording: true })).toEqual([UNPRESSED, null]);
    expect(press(UNPRESSED, { type: "down", at: 4000, recording: true })).toEqual([UNPRESSED, "stop"]);
    expect(press(UNPRESSED, { type: "up", at: 4900, recording: false })).toEqual([UNPRESSED, null]);
  });

  it("records as long as it is held", () => {
    const held: Press = { downAt: 0 };
    expect(press(held, { type: "up", at: 2500, recording: true })[1]).toBe("stop");
  });

  it("goes on when the finger slips away", () => {
    expect(press({ downAt: 0 }, { type: "away", at: 2500, recording: true })).toEqual([UNPRESSED, null]);
  });
});
