import { logCapital } from './betting-capital.ts';
import { checkLevel } from './check-level.ts';
import { checkExposures, type Exposures } from './exposures.ts';
import { type ExposureTerms, exposureTerms } from './exposure-terms.ts';
import { findCrossing } from './find-crossing.ts';
import type { Interval } from './interval.ts';

export interface ExposureEffectOptions {
  /** Coverage in (0, 1). Default 0.95. */
  readonly level?: number;
  /**
   * What an unknown outcome counts as. `bounded` (default): the worst and the best there can be, which assumes nothing. `ignored`: as if the
   * exposure had not happened, which is right only if whether an outcome is known has nothing to do with it or with the draw.
   */
  readonly unknown?: 'bounded' | 'ignored';
}

export interface ExposureEffect {
  /**
   * Mean of Y / p where shown minus Y / (1 − p) where withheld, over known outcomes; `undefined` without any. Unbiased if none is missing,
   * and then it may leave [−1, 1].
   */
  readonly inversePropensity: number | undefined;
  /** The same with the predicted outcomes taken out before and put back after: as unbiased, and steadier. */
  readonly doublyRobust: number | undefined;
  /** Of `doublyRobust`, for ranking and shrinkage, not for decisions after looking; `undefined` below two known outcomes. */
  readonly standardError: number | undefined;
  /** Holds at every time one looks. Within [−1, 1]. */
  readonly interval: Interval;
  /** Evidence against "does not help" and "does not harm"; at 20 the error is at most 5 %, however often one looks. At most 1e300. */
  readonly eValues: { readonly helps: number; readonly harms: number };
  /** Known outcomes behind the interval. */
  readonly known: number;
  /** Unknown outcomes behind the interval, each counted as the worst and the best there can be. */
  readonly bounded: number;
  /** Exposures left out of interval and e-values: unknown ones that are ignored, or the last ones, too many of which are still unknown. */
  readonly leftOut: number;
  /** What has to hold beyond honest propensities and one play not changing another's outcome. */
  readonly assumption: 'none' | 'missing completely at random';
}

/**
 * The effect of showing an entry on the outcome, from exposures drawn with known, possibly adaptive probabilities; interval and e-values may
 * be looked at after every exposure.
 *
 * Assumes that each exposure's effect, given all before it, is the same number; when it drifts, `low` still is below the largest of the
 * effects and `high` above the smallest, and the e-values stay valid as long as none is positive (`helps`) or none negative (`harms`).
 * Outcomes may come in any order: the capital is taken in the order of assignment, as outcomes that come early differ from those that come
 * late (successes are short). An outcome that is still out counts as the worst, until it comes; of the last exposures, where most are out,
 * none is used. E-values of entries that share withheld plays depend on each other: `eBenjaminiHochberg` allows that.
 *
 * @throws {RangeError} when columns differ in length, a value is outside its range, or the level is not in (0, 1).
 *
 * Source: capital process on doubly robust terms, Waudby-Smith et al. 2024, arXiv:2210.10768, with `betting-capital.ts` for the bets: a term
 * ψ ≥ L pays (ψ − L) / (m − L) for 1, whose mean is at most 1 if the effect is at most m. (1 − level) / 2 for each side. Ours: both draws'
 * terms in one bet on the difference, and unknown outcomes bounded inside it.
 */
export function exposureEffect(exposures: Exposures, options: ExposureEffectOptions = {}): ExposureEffect {
  const { level = 0.95, unknown = 'bounded' } = options;
  checkLevel('level', level);
  checkExposures(exposures);
  const all = exposureTerms(exposures);
  const isKnown = Uint8Array.from(exposures.outcome, (outcome) => (outcome === null ? 0 : 1));
  const rows = unknown === 'ignored' ? knownRows(isKnown) : bestPrefix(isKnown);
  const terms = take(all, rows);
  const known = rows.reduce((sum, row) => sum + (isKnown[row] ?? 0), 0);

  const { inversePropensity, doublyRobust, standardError } = estimates(exposures, all, isKnown);
  const centre = Math.min(1, Math.max(-1, doublyRobust ?? 0));
  const logThreshold = Math.log(2 / (1 - level));
  const bound = (logCapitalAt: (mean: number) => number, to: number) =>
    findCrossing((mean) => logCapitalAt(mean) - logThreshold, { from: -1, to, tolerance: 1e-9 });
  return {
    inversePropensity,
    doublyRobust,
    standardError,
    interval: {
      low: bound((mean) => logCapitalAbove(terms, mean), centre),
      high: -bound((mean) => logCapitalBelow(terms, -mean), -centre),
    },
    eValues: {
      helps: Math.min(1e300, Math.exp(logCapitalAbove(terms, 0))),
      harms: Math.min(1e300, Math.exp(logCapitalBelow(terms, 0))),
    },
    known,
    bounded: rows.length - known,
    leftOut: isKnown.length - rows.length,
    assumption: unknown === 'ignored' && known < isKnown.length ? 'missing completely at random' : 'none',
  };
}

/** Capital of bets that the effect is above `mean`; a term that is out counts as its least. */
function logCapitalAbove({ floor, least }: ExposureTerms, mean: number): number {
  return logCapital(least.map((term, row) => (term - (floor[row] ?? 0)) / (mean - (floor[row] ?? 0))));
}

function logCapitalBelow({ ceiling, most }: ExposureTerms, mean: number): number {
  return logCapital(most.map((term, row) => ((ceiling[row] ?? 0) - term) / ((ceiling[row] ?? 0) - mean)));
}

function knownRows(isKnown: Uint8Array): Uint32Array {
  return Uint32Array.from(isKnown.keys()).filter((row) => isKnown[row] === 1);
}

/**
 * The first rows, up to where the known outnumber the unknown by most. Any number of first rows will do, chosen by anything: the capital is
 * small after every number of rows at once.
 */
function bestPrefix(isKnown: Uint8Array): Uint32Array {
  let lead = 0;
  let best = 0;
  let length = 0;
  isKnown.forEach((known, row) => {
    lead += known === 1 ? 1 : -1;
    if (lead >= best && lead > 0) {
      best = lead;
      length = row + 1;
    }
  });
  return Uint32Array.from({ length }, (_, row) => row);
}

function take(terms: ExposureTerms, rows: Uint32Array): ExposureTerms {
  const of = (column: Float64Array) => Float64Array.from(rows, (row) => column[row] ?? 0);
  return { floor: of(terms.floor), ceiling: of(terms.ceiling), least: of(terms.least), most: of(terms.most) };
}

function estimates(
  { shown, propensity, outcome }: Exposures,
  { least }: ExposureTerms,
  isKnown: Uint8Array,
): Pick<ExposureEffect, 'inversePropensity' | 'doublyRobust' | 'standardError'> {
  let count = 0;
  let weighted = 0;
  let mean = 0;
  let squares = 0;
  isKnown.forEach((known, row) => {
    if (known === 0) return;
    const y = outcome[row] ?? 0;
    const p = propensity[row] ?? 0;
    const term = least[row] ?? 0;
    count += 1;
    weighted += shown[row] === 1 ? y / p : -y / (1 - p);
    const step = term - mean;
    mean += step / count;
    squares += step * (term - mean);
  });
  return {
    inversePropensity: count === 0 ? undefined : weighted / count,
    doublyRobust: count === 0 ? undefined : mean,
    standardError: count < 2 ? undefined : Math.sqrt(squares / (count - 1) / count),
  };
}
