import { expect, it } from "vitest";

import { stayedInWords } from "./stayed";

it("says after a reading that was heard here that the voice stayed, and what that saved", () => {
  expect(stayedInWords({ keepsVoice: true, source: "client", bytes: 37_800 })).toBe("Heard on this device: your voice stayed here, 38 kB that were not sent.");
  expect(stayedInWords({ keepsVoice: true, source: "client", bytes: 0 })).toBe("Heard on this device: your voice stayed here.");
});

it.each([
  [false, "client"],
  [true, "server"],
  [true, undefined],
] as const)("says nothing of the kind when the voice was sent, or nobody has listened", (keepsVoice, source) => {
  expect(stayedInWords({ keepsVoice, source, bytes: 37_800 })).toBe("");
});
