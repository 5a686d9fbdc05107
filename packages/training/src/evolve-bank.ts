/** How a revision of the bank came about. */
export interface BankEvolution {
  readonly from: number;
  readonly to: number;
  /** Clusters of the failures, worst first, with what was done about each. */
  readonly clusters: readonly {
    readonly cluster: string;
    readonly failures: number;
    readonly plays: number;
    readonly distilled: number;
    /** Set when the cap was reached before it. */
    readonly left?: string;
  }[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
}
