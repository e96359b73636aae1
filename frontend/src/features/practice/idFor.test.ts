import { describe, expect, it } from "vitest";

import { idFor } from "./idFor";

const problem = (retryable: boolean) => ({ code: "internal", message: "", retryable, retry_after: null, stage: "saving" }) as const;

describe("idFor", () => {
  it.each([
    ["r", null, "r"],
    ["r", problem(true), "r"],
    ["r", problem(false), undefined],
    [null, null, undefined],
  ] as const)("sends %s after %j again as %s", (requestId, found, id) => {
    expect(idFor({ requestId, problem: found })).toBe(id);
  });
});
