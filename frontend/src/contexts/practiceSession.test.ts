import { describe, expect, it, vi } from "vitest";

import { PracticeSession } from "./practiceSession";

function memory() {
  const kept = new Map<string, string>();
  return {
    remembered: (name: string) => kept.get(name) ?? null,
    remember: (name: string, value: string | null) => {
      if (value === null) kept.delete(name);
      else kept.set(name, value);
    },
  };
}

const MONDAY = () => new Date(2026, 10, 23, 9);
const TUESDAY = () => new Date(2026, 10, 24, 9);

describe("a practice session", () => {
  it("is begun once, however many ask at the same time", async () => {
    const start = vi.fn<() => Promise<number>>().mockResolvedValue(5);
    const practice = new PracticeSession(7, start, memory(), MONDAY);
    expect(await Promise.all([practice.id(), practice.id()])).toEqual([5, 5]);
    expect(start).toHaveBeenCalledTimes(1);
  });

  it("is the same when the page is loaded again on the same day by the same user", async () => {
    const device = memory();
    await new PracticeSession(7, () => Promise.resolve(5), device, MONDAY).id();
    expect(await new PracticeSession(7, () => Promise.resolve(6), device, MONDAY).id()).toBe(5);
    expect(await new PracticeSession(8, () => Promise.resolve(6), device, MONDAY).id()).toBe(6);
  });

  it("is another on another day", async () => {
    const device = memory();
    await new PracticeSession(7, () => Promise.resolve(5), device, MONDAY).id();
    expect(await new PracticeSession(7, () => Promise.resolve(6), device, TUESDAY).id()).toBe(6);
  });

  it("is tried again after a failure", async () => {
    const start = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new Error("away")).mockResolvedValue(5);
    const practice = new PracticeSession(7, start, memory(), MONDAY);
    await expect(practice.id()).rejects.toThrow("away");
    expect(await practice.id()).toBe(5);
  });

  it("is begun anew once it is forgotten", async () => {
    const start = vi.fn<() => Promise<number>>().mockResolvedValueOnce(5).mockResolvedValue(6);
    const practice = new PracticeSession(7, start, memory(), MONDAY);
    await practice.id();
    practice.forget();
    expect(await practice.id()).toBe(6);
  });
});
