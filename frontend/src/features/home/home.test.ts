import { describe, expect, it } from "vitest";

import { greeting } from "./greeting";
import { readToday, todayInWords } from "./today";

const DAY = { phonemeErrorRate: 0.1, wordsCorrectPerMinute: 60, accuracy: 90 };
const DAYS = [
  { date: "2026-11-22", readings: 4, ...DAY },
  { date: "2026-11-23", readings: 7, ...DAY },
];

describe("today", () => {
  it("counts the readings of the server's day, which is that of UTC", () => {
    expect(readToday(DAYS, new Date("2026-11-23T23:59:00Z"))).toBe(7);
    expect(readToday(DAYS, new Date("2026-11-24T00:00:00Z"))).toBe(0);
  });

  it.each([
    [0, "Ten sentences take about five minutes."],
    [3, "3 of 10 sentences read today."],
    [12, "12 sentences read today. That is enough; more is fine too."],
  ])("says after %i sentences how far it is", (read, words) => {
    expect(todayInWords(read)).toBe(words);
  });
});

describe("the greeting", () => {
  it.each([[0, "Hello"], [5, "Good morning"], [12, "Good afternoon"], [18, "Good evening"], [23, "Good evening"]])(
    "at %i o'clock is %s",
    (hour, words) => {
      expect(greeting(hour)).toBe(words);
    },
  );
});
