/** Runs something while no other tab of this browser runs anything under the same name; it waits for its turn. */
export type Exclusively = (name: string, run: () => Promise<void>) => Promise<void>;

/** By the browser's own locks. Where it has none, as on a page that is not secure, everything runs at once. */
export function exclusivelyBy(locks: Pick<LockManager, "request"> | undefined): Exclusively {
  return async (name, run) => {
    if (locks === undefined) return run();
    let isBegun = false;
    try {
      await locks.request(name, async () => {
        isBegun = true;
        await run();
      });
    } catch (error) {
      if (isBegun) throw error;
      await run(); // a browser that will not lock here
    }
  };
}

/** By the locks of this browser. */
export function exclusivelyHere(): Exclusively {
  return exclusivelyBy((globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined);
}
