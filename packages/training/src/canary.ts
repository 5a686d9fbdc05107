import type { Rollout, ServedVersion } from '@skillrl/core';
import { collect, keyedSeed, planRollouts } from '@skillrl/rollouts';
import { exactMcNemar } from '@skillrl/signals';

import type { CanaryReport } from './iteration-manifest.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationPorts } from './iteration-ports.ts';
import type { IterationState } from './iteration-state.ts';
import { wonOrLost } from './won-or-lost.ts';

/**
 * Plays the canary's games with a new version, always the same games with the same seeds, and compares with the version that is served now.
 * An alarm is played once more, with other seeds, before it counts.
 *
 * @returns `undefined` when the recipe plays none, or there are no games for it.
 */
export async function playCanary(
  plan: IterationPlan,
  state: IterationState,
  candidate: ServedVersion,
  ports: IterationPorts,
): Promise<CanaryReport | undefined> {
  if (plan.recipe.canary.pairs === 0 || plan.games.canary.length === 0) return undefined;
  const draw = async (number: number) => {
    const outcomes = async (version: ServedVersion) =>
      (await play(plan, state, version, number, ports)).map(({ episode }) => wonOrLost(episode));
    return compared(await outcomes(candidate), await outcomes(state.served));
  };
  const first = await draw(1);
  const isAlarm = first.isWorse(plan.recipe.canary.error);
  const second = isAlarm ? await draw(2) : undefined;
  const { pairs, candidate: won, served } = second ?? first;
  return {
    pairs,
    candidate: won,
    served,
    confirmed: isAlarm,
    collapsed: second?.isWorse(plan.recipe.canary.error) ?? false,
  };
}

/** The plays of one draw, in order; what was played before is taken from the store. */
async function play(
  { recipe, games }: IterationPlan,
  { run, bankRevision }: IterationState,
  version: ServedVersion,
  draw: number,
  { runner: open, episodes, progress, signal }: IterationPorts,
): Promise<readonly Rollout[]> {
  const { pairs } = recipe.canary;
  const specs = planRollouts({
    suite: `${run}/canary-${draw}/${version.version}`,
    arms: ['none'],
    tasks: games.canary,
    samples: Math.ceil(pairs / games.canary.length),
    purpose: 'gate',
    seed: keyedSeed([recipe.seed, 'canary', draw]),
  }).slice(0, pairs);
  const runner = await open({ version, bankRevision, halves: false, temperature: 1 });
  try {
    return await collect(specs, runner, episodes, { stage: `canary of ${version.version}`, progress, signal });
  } finally {
    await runner.close();
  }
}

function compared(candidate: readonly (0 | 1 | undefined)[], served: readonly (0 | 1 | undefined)[]) {
  const pairs = candidate.flatMap((own, index) => {
    const other = served[index];
    return own === undefined || other === undefined ? [] : [{ own, other }];
  });
  const better = pairs.filter(({ own, other }) => own > other).length;
  const worse = pairs.filter(({ own, other }) => own < other).length;
  const rate = (wins: number): number => (pairs.length === 0 ? 0 : wins / pairs.length);
  return {
    pairs: pairs.length,
    candidate: rate(pairs.filter(({ own }) => own === 1).length),
    served: rate(pairs.filter(({ other }) => other === 1).length),
    isWorse: (error: number): boolean => worse > better && exactMcNemar(better, worse) <= 2 * error,
  };
}
