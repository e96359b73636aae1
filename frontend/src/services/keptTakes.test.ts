import { describe, expect, it } from "vitest";

import { surplus, withoutVoice, type KeptTake, type TakeStore } from "./keptTakes";

const DAY = 24 * 3600 * 1000;
const take = (recordedAt: number): KeptTake => ({ requestId: `${recordedAt}`, userId: 1, sentence: "Hi.", audio: new Blob(), recordedAt });

describe("surplus", () => {
  it("keeps what fits", () => {
    expect(surplus([take(1), take(2)], DAY)).toEqual([]);
  });

  it("lets the oldest of too many go", () => {
    const takes = Array.from({ length: 32 }, (_, place) => take(place));
    expect(surplus(takes, DAY).map(({ recordedAt }) => recordedAt)).toEqual([1, 0]);
  });

  it("lets go of what nobody remembers", () => {
    expect(surplus([take(0), take(10 * DAY)], 15 * DAY).map(({ recordedAt }) => recordedAt)).toEqual([0]);
  });
});

const nothing = () => Promise.resolve();

describe("takes of somebody whose voice stays on this device", () => {
  it("leave without it where it was listened to here, and wait where it was not", async () => {
    const heard = { phonemes: [["HH", "AY"]], words: ["hi"] };
    const here: KeptTake = { ...take(2), heard };
    const store: TakeStore = { add: nothing, all: () => Promise.resolve([take(1), here]), remove: nothing, forget: nothing, prune: nothing };
    expect(await withoutVoice(store).all(1)).toEqual([{ ...here, audio: null }]);
  });
});
