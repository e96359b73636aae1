import { expect, it } from "vitest";

import { droppedInWords } from "./dropped";

it("says which reading is gone, and what to do", () => {
  const words = droppedInWords({ sentence: "The cat sat on the mat.", recordedAt: new Date(2026, 10, 23, 12).getTime() });
  expect(words).toBe("Nothing could be heard in your reading of 23 November, “The cat sat on the mat.” It is not kept any longer; you can read it again.");
});
