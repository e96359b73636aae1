/** Rounded down: it is all there when it says so. Pure. */
export function inPercent(part: number, whole: number): string {
  return `${whole > 0 ? Math.floor((100 * part) / whole) : 0} %`;
}

/** As disks and networks count: a million bytes. Pure. */
export function inMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
