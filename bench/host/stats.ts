// Numbers out of rounds. A shared machine has bad moments: medians, and ratios taken between neighbours in time.

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("the median of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

export function geomean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Rounds of a measurement and its floor, taken in turn. */
export class Rounds {
  readonly values: number[] = [];
  readonly floors: number[] = [];

  add(value: number, floor: number): void {
    this.values.push(value);
    this.floors.push(floor);
  }

  /** Median of the values, of the floors, and of the ratios round by round. */
  result(): { value: number; floor: number; ratio: number } {
    const ratios = this.values.map((value, i) => value / (this.floors[i] as number));
    return { value: median(this.values), floor: median(this.floors), ratio: median(ratios) };
  }
}
