/** A range that covers the truth with a stated probability; `low` ≤ `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
