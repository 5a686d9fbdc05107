import { checkProbability } from '../checks.ts';
import type { EffectiveDiversity } from './effective-diversity.ts';
import type { DomainKind } from './novelty-reward.ts';

export interface DiversityAlarmOptions {
  /** Declared with the task family. */
  readonly domainKind: DomainKind;
  /** Largest share by which diversity may fall, in [0, 1]. Default 0.3. */
  readonly largestFall?: number;
}

export interface DiversityAlarm {
  readonly alarm: boolean;
  /** 1 − after / before of the mean effective pairs, negative for a rise; `undefined` when there was nothing to fall. */
  readonly fall: number | undefined;
  readonly reason: string;
}

/**
 * Whether diversity fell where it should not have. In a convergent domain policies are meant to agree: there a fall is reported and is no alarm.
 *
 * @param before - of one prompt each, at an earlier policy version.
 * @param after - of prompts of the same family, with as many generations each.
 * @returns by the mean of `effectivePairs`, which noise cannot raise; prompts with fewer than two generations are left out.
 * @throws {RangeError} when numbers of generations differ (diversity depends on them) or an option is outside its range.
 *
 * Source: Shypula et al. 2025, arXiv:2504.12522: tuning lowers the diversity of form and can raise that of meaning. Threshold ours.
 */
export function diversityAlarm(
  before: readonly EffectiveDiversity[],
  after: readonly EffectiveDiversity[],
  options: DiversityAlarmOptions,
): DiversityAlarm {
  const { domainKind, largestFall = 0.3 } = options;
  if (domainKind !== 'convergent' && domainKind !== 'divergent') {
    throw new RangeError(
      `domainKind is '${String(domainKind)}': declare convergent or divergent with the task family.`,
    );
  }
  checkProbability('largestFall', largestFall);
  const counts = new Set([...before, ...after].map(({ count }) => count));
  if (counts.size > 1) {
    throw new RangeError(
      `Prompts have ${[...counts].join(', ')} generations: draw equally many for each, before and after.`,
    );
  }
  const earlier = mean(before);
  const later = mean(after);
  if (earlier === undefined || later === undefined || earlier === 0) {
    return { alarm: false, fall: undefined, reason: 'There is nothing to compare.' };
  }
  const fall = 1 - later / earlier;
  const isLarge = fall > largestFall + 1e-12;
  const change = `Effective diversity went from ${earlier.toPrecision(3)} to ${later.toPrecision(3)}`;
  if (!isLarge) return { alarm: false, fall, reason: `${change}.` };
  if (domainKind === 'convergent')
    return { alarm: false, fall, reason: `${change}, as it may where there is a right answer.` };
  return {
    alarm: true,
    fall,
    reason: `${change}, and different answers are wanted: pay for novelty, or train on less of this family.`,
  };
}

function mean(prompts: readonly EffectiveDiversity[]): number | undefined {
  const values = prompts.flatMap(({ effectivePairs }) => (effectivePairs === undefined ? [] : [effectivePairs]));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
