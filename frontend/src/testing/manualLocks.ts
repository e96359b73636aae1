/** Locks as a browser's, for the tabs of a test. */
export class ManualLocks {
  readonly #last = new Map<string, Promise<unknown>>();

  request = async (name: string, ...rest: readonly unknown[]): Promise<unknown> => {
    const run = rest.at(-1) as () => Promise<unknown>;
    const turn = (this.#last.get(name) ?? Promise.resolve()).catch(() => undefined).then(run);
    this.#last.set(name, turn);
    return await turn;
  };
}
