import { describe, expect, it } from "vitest";

import { CannotListen, inability, problemIn, type Browser } from "./problem";

const ABLE: Browser = { isSecureContext: true, Worker: Object, OfflineAudioContext: Object, WebAssembly };

describe("inability", () => {
  it.each([
    [null, {}],
    ["insecure", { isSecureContext: false }],
    ["unsupported", { Worker: undefined }],
    ["unsupported", { OfflineAudioContext: undefined }],
    ["unsupported", { WebAssembly: undefined }],
    ["unsupported", { WebAssembly: { validate: () => false } }],
  ] as const)("is %s with %j", (problem, lacking) => {
    expect(inability({ ...ABLE, ...lacking })).toBe(problem);
  });
});

describe("problemIn", () => {
  it.each([
    [new CannotListen("damaged"), "damaged"],
    [new TypeError("Failed to fetch"), "unreachable"],
    [new Error("out of memory"), "cannot_run"],
    ["anything", "cannot_run"],
  ])("finds in %s: %s", (error, problem) => {
    expect(problemIn(error)).toBe(problem);
  });
});
