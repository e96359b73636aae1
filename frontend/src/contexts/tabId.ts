import { newId } from "../services/environment";

const STORED = "sounditout.tab";

/** As much of a page as is looked at. */
export type Tab = {
  /** Throws where it is switched off. */
  readonly sessionStorage: Pick<Storage, "getItem" | "setItem">;
  /** The page was loaded again, rather than opened or copied: a copy of a tab has a copy of its memory. */
  readonly isReload: boolean;
};

/** A name for this tab, which stays when it is loaded again: its new connection then takes the place of the old one. */
export function tabId({ sessionStorage, isReload }: Tab): string {
  try {
    const known = isReload ? sessionStorage.getItem(STORED) : null;
    const id = known ?? newId();
    sessionStorage.setItem(STORED, id);
    return id;
  } catch {
    return newId();
  }
}

export function thisTab(): Tab {
  const [navigation] = performance.getEntriesByType("navigation");
  return {
    get sessionStorage() { return globalThis.sessionStorage; },
    isReload: navigation instanceof PerformanceNavigationTiming && navigation.type === "reload",
  };
}
