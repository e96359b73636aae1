import { expect, it } from "vitest";

import { analysisReducer, NOTHING_YET } from "../../hooks/analysisReducer";
import { localReport } from "../../services/listening/localReport";
import { announcement } from "./announcement";

const heard = analysisReducer(NOTHING_YET, { type: "heardHere", requestId: "a", report: localReport("The cat", [], [], 1) });

it.each(["asking", "recording"] as const)("says nothing into the microphone while it is %s", (state) => {
  expect(announcement({ recorder: { state }, analysis: heard, isListening: false })).toBe("");
  expect(announcement({ recorder: { state }, analysis: NOTHING_YET, isListening: true })).toBe("");
});

it("says that somebody listens, and how it went", () => {
  expect(announcement({ recorder: { state: "idle" }, analysis: NOTHING_YET, isListening: true })).toBe("Listening to your reading");
  expect(announcement({ recorder: { state: "idle" }, analysis: heard, isListening: false })).toBe("Every word was right.");
});
