/** A clock that stands still while nobody sees the page: browsers let hidden pages wait as they like. */
export class VisibleTime {
  private readonly clock: () => number;
  private hiddenAt: number | undefined;
  private hiddenFor = 0;

  constructor(clock: () => number) {
    this.clock = clock;
  }

  setHidden(isHidden: boolean): void {
    if (isHidden) {
      this.hiddenAt ??= this.clock();
      return;
    }
    this.hiddenFor = this.clock() - this.now();
    this.hiddenAt = undefined;
  }

  now(): number {
    return (this.hiddenAt ?? this.clock()) - this.hiddenFor;
  }
}
