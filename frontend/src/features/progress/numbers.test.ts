import { describe, expect, it } from "vitest";

import { dayInWords, lineInWords, points, readingsInWords, reasonInWords, triesInWords } from "./numbers";

describe("the points of the lines", () => {
  it("show sounds right in per cent, and how many readings are behind them", () => {
    const day = { date: "2026-11-23", readings: 3, phonemeErrorRate: 0.0834, wordsCorrectPerMinute: 61.5, accuracy: 90 };
    expect(points([day])).toEqual([
      { date: "2026-11-23", day: "23 Nov", readings: 3, soundsRight: 91.7, wordsPerMinute: 62 },
    ]);
  });

  it("stay between nothing and all right, also when sounds were added", () => {
    const day = { date: "2026-11-23", readings: 1, phonemeErrorRate: 1.5, wordsCorrectPerMinute: 0, accuracy: 0 };
    expect(points([day])[0]?.soundsRight).toBe(0);
  });
});

describe("in words", () => {
  it("a date is the same day everywhere", () => {
    expect(dayInWords("2026-01-01")).toBe("1 Jan");
    expect(dayInWords("soon")).toBe("soon");
  });

  it("one reading is one", () => {
    expect([1, 2, 1200].map(readingsInWords)).toEqual(["1 reading", "2 readings", "1,200 readings"]);
  });

  it("a line says where it went", () => {
    expect(lineInWords("Sounds right", "per cent", [])).toBe("Sounds right: no readings");
    expect(lineInWords("Sounds right", "per cent", [90])).toBe("Sounds right: 90 per cent on one day");
    expect(lineInWords("Sounds right", "per cent", [80, 70, 91.2])).toBe(
      "Sounds right: 91 per cent on the last day, up from 80 on the first of 3 days",
    );
  });

  it("a reason has its numbers beside it", () => {
    expect(reasonInWords("often_wrong", { expected: 9, wrong: 4 })).toBe("It slips now and then: 5 of 9 right.");
    expect(reasonInWords("new", { expected: 0, wrong: 0 })).toBe("You have not met it yet.");
  });

  it("tries say how many were right", () => {
    expect(triesInWords({ expected: 30, wrong: 2 })).toBe("28 of 30 right");
    expect(triesInWords({ expected: 0, wrong: 0 })).toBe("not read yet");
  });
});
