import { accountOfSignals } from './account-of-signals.ts';
import type { IterationManifest } from './iteration-manifest.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';
import type { IterationResults } from './next-state.ts';
import type { Phases } from './phases.ts';
import { watchDiversity } from './watch-diversity.ts';

/** What an iteration was and did, from the states around it. */
export function describeIteration(
  { recipe, iteration, games, passedOver }: IterationPlan,
  before: IterationState,
  after: IterationState,
  { batch, learned, check, canary, publication, evolution }: IterationResults,
  { plan, durationsMs }: Phases,
): IterationManifest {
  const signals = accountOfSignals(batch);
  const isCollapsed = canary?.collapsed === true;
  return {
    schema: 1,
    run: before.run,
    iteration,
    plan,
    recipe,
    outcome: isCollapsed ? 'collapsed' : learned.outcome,
    notes: [
      ...batch.notes,
      ...(learned.note === undefined ? [] : [learned.note]),
      ...(recipe.reward.brier === 0 ? ['The stated chance of success earns nothing: the recipe switches it off.'] : []),
      ...(recipe.canary.pairs === 0 || games.canary.length === 0
        ? ['No canary is played: the recipe asks for none, or there are no games.']
        : []),
      ...(isCollapsed ? [`The new version collapsed; training goes back to version ${after.version}.`] : []),
    ],
    versions: {
      rollouts: before.served.number,
      before: before.version,
      after: after.version,
      served: after.served.number,
      live: after.live.version,
    },
    staleness: batch.staleness,
    bankRevision: { before: before.bankRevision, after: after.bankRevision },
    rollouts: batch.account,
    groups: batch.groups.map(({ record }) => record),
    passedOver,
    credits: batch.credits,
    diversity: watchDiversity(batch.groups, before.diversity),
    ...(signals !== undefined && { signals }),
    ...(learned.report !== undefined && { training: learned.report }),
    ...(check !== undefined && { served: check }),
    ...(canary !== undefined && { canary }),
    ...(publication !== undefined && { publication }),
    ...(evolution !== undefined && { evolution }),
    durationsMs,
  };
}
