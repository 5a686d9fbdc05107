import { checkCount, checkSameLength } from '../checks.ts';
import { logMeanExp, meanLowerBound, stakes } from './betting-capital.ts';
import { checkLevel } from './check-level.ts';
import type { Interval } from './interval.ts';

/** What was fixed before the first pair. */
export interface PairedSequentialPlan {
  /** Probability, at most, of ever saying `benefit` when there is none; the same for `harm`, and for `futile`. Default 0.05. */
  readonly error: number;
  /** `futile` means that the effect is shown to be smaller than this; in (0, 1). Default 0.05 (5 points). */
  readonly minimumEffect: number;
  /** Pairs after which the test stops without a verdict; integer ≥ 1. Default 100,000. */
  readonly maximumPairs: number;
}

/**
 * `benefit`: the effect is above 0. `harm`: it is below 0. `futile`: it is below the minimum effect, and does not look like a harm of that
 * size either, for which the test goes on. `undecided`: none shown (yet).
 */
export type PairedVerdict = 'benefit' | 'harm' | 'futile' | 'undecided';

/** Everything a continuation needs, as plain JSON. */
export interface PairedSequentialState {
  readonly plan: PairedSequentialPlan;
  readonly benefits: number;
  readonly harms: number;
  readonly ties: number;
  readonly verdict: PairedVerdict;
}

export interface PairedSequentialOptions extends Partial<PairedSequentialPlan> {
  /** State of the call before; the new pairs continue it. Its plan then holds. */
  readonly state?: PairedSequentialState;
}

export interface PairedSequentialResult {
  readonly verdict: PairedVerdict;
  /** True once there is a verdict or no pair is left: pairs after that are not counted. */
  readonly stopped: boolean;
  /** Pairs counted. */
  readonly pairs: number;
  /** Pairs won minus pairs lost, as a share of the pairs; `undefined` without pairs. Stopping early exaggerates it. */
  readonly effect: number | undefined;
  /** Each end holds, at all times together, with probability 1 − error: `low > 0` is `benefit`, `high < 0` is `harm`. */
  readonly interval: Interval;
  /** Evidence against "no benefit", "no harm" and "at least the minimum effect"; a verdict needs 1 / error. At most 1e300. */
  readonly eValues: { readonly benefit: number; readonly harm: number; readonly futile: number };
  readonly state: PairedSequentialState;
}

/**
 * Sequential test of paired binary outcomes that may be looked at after every pair and stops at the first verdict, with a stated error.
 *
 * `benefit` is false with probability at most `error` whenever no pair has, given those before it, a positive expected difference; `harm`
 * likewise with no negative one; `futile` when every pair's is at least `minimumEffect`. Nothing else is assumed: tasks may differ, and the
 * effect may drift within these bounds. Give pairs in the order in which they were planned: if quick plays come first, the first pairs
 * differ from all pairs. A pair without an outcome cannot be given; leave it out only if that has nothing to do with its arms.
 *
 * @param treated - 0 or 1 a pair: outcome of the play with what is tested.
 * @param control - 0 or 1 a pair: outcome of the play without it; same length.
 * @throws {RangeError} when an outcome is not 0 or 1, the lengths differ, the plan is not as stated, or is not that of `state`.
 *
 * Source: three capitals of `betting-capital.ts` on the differences −1, 0, 1 and Ville's inequality: at a mean of 0 a gambler with stake f
 * holds (1 + f)^benefits (1 − f)^harms, an e-process (Waudby-Smith & Ramdas 2024, arXiv:2010.09686; Grünwald, de Heide & Koolen 2024,
 * arXiv:1906.07801). Ours: futility, as the same bet against the minimum effect.
 */
export function pairedSequentialTest(
  treated: ArrayLike<number>,
  control: ArrayLike<number>,
  options: PairedSequentialOptions = {},
): PairedSequentialResult {
  checkSameLength('treated', treated, 'control', control);
  const plan = planOf(options);
  const bets = betsOf(plan);
  let { benefits, harms, ties, verdict }: Omit<PairedSequentialState, 'plan'> = options.state ?? fresh;
  for (let index = 0; index < treated.length; index += 1) {
    const difference = outcome('treated', treated, index) - outcome('control', control, index);
    if (verdict !== 'undecided' || benefits + harms + ties >= plan.maximumPairs) continue;
    if (difference > 0) benefits += 1;
    else if (difference < 0) harms += 1;
    else ties += 1;
    verdict = verdictOf(bets, plan, benefits, ties, harms);
  }

  const pairs = benefits + harms + ties;
  return {
    verdict,
    stopped: verdict !== 'undecided' || pairs >= plan.maximumPairs,
    pairs,
    effect: pairs === 0 ? undefined : (benefits - harms) / pairs,
    interval: {
      low: 2 * lowerBound(harms, ties, benefits, plan) - 1,
      high: 1 - 2 * lowerBound(benefits, ties, harms, plan),
    },
    eValues: {
      benefit: eValue(bets.benefit, benefits, ties, harms),
      harm: eValue(bets.harm, benefits, ties, harms),
      futile: eValue(bets.futile, benefits, ties, harms),
    },
    state: { plan, benefits, harms, ties, verdict },
  };
}

const fresh: Omit<PairedSequentialState, 'plan'> = { benefits: 0, harms: 0, ties: 0, verdict: 'undecided' };

/** Gambler by gambler the logarithms of what a benefit, a tie and a harm multiply its capital by. */
type Bet = Float64Array;

function betsOf(plan: PairedSequentialPlan): Record<'benefit' | 'harm' | 'futile', Bet> {
  // A payoff of a bet on a mean above m is (difference + 1) / (m + 1), of one on a mean below m it is (1 − difference) / (1 − m).
  const bet = (...payoffs: readonly number[]): Bet =>
    Float64Array.from(stakes.flatMap((stake) => payoffs.map((payoff) => Math.log1p(stake * (payoff - 1)))));
  const room = 1 - plan.minimumEffect;
  return { benefit: bet(2, 1, 0), harm: bet(0, 1, 2), futile: bet(0, 1 / room, 2 / room) };
}

function logEValue(bet: Bet, benefits: number, ties: number, harms: number): number {
  const logs = new Float64Array(stakes.length);
  for (let gambler = 0; gambler < logs.length; gambler += 1) {
    const at = 3 * gambler;
    logs[gambler] = benefits * (bet[at] ?? 0) + ties * (bet[at + 1] ?? 0) + harms * (bet[at + 2] ?? 0);
  }
  return logMeanExp(logs);
}

function eValue(bet: Bet, benefits: number, ties: number, harms: number): number {
  return Math.min(1e300, Math.exp(logEValue(bet, benefits, ties, harms)));
}

function verdictOf(
  bets: ReturnType<typeof betsOf>,
  plan: PairedSequentialPlan,
  benefits: number,
  ties: number,
  harms: number,
): PairedVerdict {
  const threshold = -Math.log(plan.error);
  const shown = (bet: Bet) => logEValue(bet, benefits, ties, harms) >= threshold;
  if (benefits > harms && shown(bets.benefit)) return 'benefit';
  if (harms > benefits && shown(bets.harm)) return 'harm';
  const lead = (benefits - harms) / (benefits + ties + harms);
  if (Math.abs(lead) < plan.minimumEffect && shown(bets.futile)) return 'futile';
  return 'undecided';
}

/** The bound on a mean of outcomes 0, 1/2 and 1 that occurred so often. */
function lowerBound(zeros: number, halves: number, ones: number, plan: PairedSequentialPlan): number {
  return meanLowerBound(Float64Array.of(0, 0.5, 1), Float64Array.of(zeros, halves, ones), -Math.log(plan.error));
}

function planOf({ state, ...options }: PairedSequentialOptions): PairedSequentialPlan {
  const { error = 0.05, minimumEffect = 0.05, maximumPairs = 100_000 } = { ...state?.plan, ...options };
  checkLevel('error', error);
  checkLevel('minimumEffect', minimumEffect);
  checkCount('maximumPairs', maximumPairs, 1);
  if (state !== undefined) {
    checkCount('state.benefits', state.benefits);
    checkCount('state.harms', state.harms);
    checkCount('state.ties', state.ties);
    const same =
      error === state.plan.error &&
      minimumEffect === state.plan.minimumEffect &&
      maximumPairs === state.plan.maximumPairs;
    if (!same) {
      throw new RangeError(
        'The plan differs from that of the state: a plan changed after looking has no stated error. Leave the options out or begin anew.',
      );
    }
  }
  return { error, minimumEffect, maximumPairs };
}

function outcome(name: string, values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value !== 0 && value !== 1) throw new RangeError(`${name}[${index}] is ${value}: give 0 or 1.`);
  return value;
}
