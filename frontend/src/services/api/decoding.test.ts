import { describe, expect, it } from "vitest";

import { listOf, number, oneOf, record, text } from "./decode";
import { DEFAULT_SETTINGS, settings } from "./settings";

describe("what comes from outside", () => {
  it("is what it says when it is of the right kind", () => {
    expect([text("a"), number(2), oneOf(["x", "y"], "y", "x"), listOf([1, 2], number)]).toEqual(["a", 2, "y", [1, 2]]);
  });

  it("has its fallback when it is of another", () => {
    expect([text(7, "b"), number("2", 3), number(Number.NaN, 3), oneOf(["x"], "z", "x"), listOf("no", number), record([1])]).toEqual([
      "b", 3, 3, "x", [], {},
    ]);
  });
});

describe("settings from a server", () => {
  it("of another version are as by default where they are not known", () => {
    expect(settings({ theme: "sepia", level: "three", use_websocket: "yes", new_thing: 1 })).toEqual(DEFAULT_SETTINGS);
  });

  it("are taken as they are", () => {
    const given = { ...DEFAULT_SETTINGS, use_websocket: false, level: 3, effective: { use_websocket: false, reason: "chosen", stage: 2 } };
    expect(settings(given)).toEqual(given);
  });
});
