import { expect, it } from "vitest";

import { wordMe } from "./aloud";
import { extra, word } from "./testReadings";

it("calls each word by a name of its own, so that one is heard after the other", () => {
  const names = [word(0, "the"), word(1, "cat"), word(2, "the"), { ...extra("a"), start_seconds: 0.5 }, { ...extra("a"), start_seconds: 1.5 }].map(wordMe);
  expect(new Set(names).size).toBe(5);
});
