import { describe, expect, it } from "vitest";

import { listeningFrom, silenceStop, type LevelAction, type SilenceStop } from "./silenceStop";

const STEP_MS = 50;
const SILENCE = -65;
const VOICE = -20;

type Stretch = readonly [decibels: number, forMs: number];

function after(stretches: readonly Stretch[], more: Partial<LevelAction> = {}): SilenceStop {
  let state = listeningFrom(0);
  let at = 0;
  for (const [decibels, forMs] of stretches) {
    for (const end = at + forMs; at < end; ) {
      at += STEP_MS;
      state = silenceStop(state, { decibels, at, allRead: false, enabled: true, ...more });
    }
  }
  return state;
}

describe("silenceStop", () => {
  it("waits for a voice, and gives up when none comes", () => {
    expect(after([[SILENCE, 14_000]]).phase).toBe("waiting");
    expect(after([[SILENCE, 15_000]]).phase).toBe("gaveUp");
  });

  it("lets a beginner pause between words", () => {
    expect(after([[VOICE, 500], [SILENCE, 1400]])).toMatchObject({ phase: "speaking", secondsLeft: 0 });
  });

  it("counts aloud, two and one, and stops", () => {
    expect(after([[VOICE, 500], [SILENCE, 1600]])).toMatchObject({ phase: "counting", secondsLeft: 2 });
    expect(after([[VOICE, 500], [SILENCE, 2600]])).toMatchObject({ phase: "counting", secondsLeft: 1 });
    expect(after([[VOICE, 500], [SILENCE, 3500]])).toMatchObject({ phase: "stopped", secondsLeft: 0 });
  });

  it("goes on when the voice comes back", () => {
    expect(after([[VOICE, 500], [SILENCE, 3000], [VOICE, 100]])).toMatchObject({ phase: "speaking", secondsLeft: 0 });
  });

  it("waits less when the last word has been heard", () => {
    expect(after([[VOICE, 500], [SILENCE, 600]], { allRead: true })).toMatchObject({ phase: "counting", secondsLeft: 1 });
    expect(after([[VOICE, 500], [SILENCE, 1500]], { allRead: true }).phase).toBe("stopped");
  });

  it("never stops by itself when it is switched off", () => {
    expect(after([[VOICE, 500], [SILENCE, 20_000]], { enabled: false }).phase).toBe("speaking");
  });

  it("takes the steady noise of a room for silence", () => {
    expect(after([[-48, 3000], [-15, 500], [-48, 3500]]).phase).toBe("stopped");
  });

  it("stays stopped", () => {
    expect(after([[VOICE, 500], [SILENCE, 3500], [VOICE, 500]]).phase).toBe("stopped");
  });
});
