import { describe, expect, it, vi } from "vitest";

import { greeting } from "./greeting";
import { readToday, todayInWords } from "./today";
import { whereYouWere } from "./whereYouWere";

const DAY = { phonemeErrorRate: 0.1, wordsCorrectPerMinute: 60, accuracy: 90 };
const DAYS = [
  { date: "2026-11-22", readings: 4, ...DAY },
  { date: "2026-11-23", readings: 7, ...DAY },
];

describe("today", () => {
  it.each([["America/New_York", 300], ["UTC", 0], ["Asia/Tokyo", -540]])("is the day on the reader's own calendar, in %s", (zone, behind) => {
    vi.stubEnv("TZ", zone);
    expect(new Date(2026, 10, 23).getTimezoneOffset()).toBe(behind);
    expect(readToday(DAYS, new Date(2026, 10, 23, 0, 0))).toBe(7);
    expect(readToday(DAYS, new Date(2026, 10, 23, 23, 59))).toBe(7);
    expect(readToday(DAYS, new Date(2026, 10, 24, 0, 0))).toBe(0);
    vi.unstubAllEnvs();
  });

  it.each([
    [0, "Ten sentences take about five minutes."],
    [3, "3 of 10 sentences read today."],
    [12, "12 sentences read today. That is enough; more is fine too."],
  ])("says after %i sentences how far it is", (read, words) => {
    expect(todayInWords(read)).toBe(words);
  });
});

describe("the way back", () => {
  it("names what was read, and the sentence of a story", () => {
    expect(whereYouWere({ name: "the /sh/ sound", choice: { sound: "SH" } })).toBe("Where you were: the /sh/ sound");
    expect(whereYouWere({ name: "The Red Hat", choice: { story: "red-hat", at: 1 } })).toBe("Where you were: The Red Hat");
    expect(whereYouWere({ name: "The Red Hat", choice: { story: "red-hat", at: 3 } })).toBe("Where you were: The Red Hat, sentence 3");
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
