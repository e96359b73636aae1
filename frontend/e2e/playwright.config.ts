import { defineConfig } from "@playwright/test";

/** The built app on a real server, read to through the fake microphone of a real browser. */
export default defineConfig({
  testDir: ".",
  testMatch: process.env["E2E_FILES"] ?? /(?<!screenshots)\.spec\.ts$/u,
  outputDir: "../test-results",
  use: { actionTimeout: 10_000 },
  workers: 2, // a recording takes as long as it takes: one worker waits half of its time
  timeout: 40_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
});
