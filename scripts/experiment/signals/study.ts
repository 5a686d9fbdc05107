/** A claim that a study tried: what was measured on each seed, and whether it holds. */
export interface Check {
  readonly claim: string;
  /** One measurement a seed. */
  readonly values: readonly number[];
  readonly mean: number;
  /** 95 % interval of the mean over seeds (Student's t). */
  readonly interval: { readonly low: number; readonly high: number };
  /** What it must reach, in words: `≥ 3`. */
  readonly asked: string;
  readonly verdict: 'holds' | 'falls short';
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Lines over a common horizontal axis. */
export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

export interface StudyResult {
  readonly checks: readonly Check[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** What the numbers mean, a miss explained. */
  readonly notes: readonly string[];
}

/** One small world in which a claim about a signal can fail. */
export interface Study {
  /** `npm run experiment -- signals --only NAME`. */
  readonly name: string;
  readonly title: string;
  /** The claim, in the words of its source. */
  readonly claim: string;
  readonly source: string;
  /** @param seeds - at least 8. @param tick - called with the share that is done, 0 to 1. */
  run(seeds: readonly number[], tick: (share: number) => void): StudyResult;
}
