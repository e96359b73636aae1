import { describe, expect, it } from "vitest";

import { tabId } from "./tabId";

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => { kept.set(name, value); },
  };
}

const broken = () => { throw new Error("switched off"); };

describe("tabId", () => {
  it("stays when the page is loaded again", () => {
    const sessionStorage = storage();
    const first = tabId({ sessionStorage, isReload: false });
    expect(first).toMatch(/^[\w.-]{1,64}$/u);
    expect(tabId({ sessionStorage, isReload: true })).toBe(first);
  });

  it("is another one in a copy of the tab", () => {
    const sessionStorage = storage();
    expect(tabId({ sessionStorage, isReload: false })).not.toBe(tabId({ sessionStorage, isReload: false }));
  });

  it("is there where nothing can be remembered", () => {
    expect(tabId({ sessionStorage: { getItem: broken, setItem: broken }, isReload: true })).not.toBe("");
  });
});
