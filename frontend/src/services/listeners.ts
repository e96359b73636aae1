/** Whoever wants to hear of something. They must not throw. */
export class Listeners<T> {
  private readonly all = new Set<(value: T) => void>();

  /** Returns how to hear no more. */
  add(listener: (value: T) => void): () => void {
    this.all.add(listener);
    return () => {
      this.all.delete(listener);
    };
  }

  tell(value: T): void {
    for (const listener of this.all) listener(value);
  }
}
