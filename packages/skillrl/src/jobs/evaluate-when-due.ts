import { refuseLeaks } from '@skillrl/bench';
import { collect } from '@skillrl/rollouts';
import type { IterationState } from '@skillrl/training';

import { servedEntries, type Stores } from './bench-job.ts';
import { type Evaluation, evaluationPoint, evaluationTemperature, planEvaluation } from './train-evaluation.ts';
import type { TrainNews } from './train-news.ts';
import type { TrainManifest } from './train-plan.ts';
import type { OpenedSets } from './train-sets.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Plays the held-out games with the served version, at the start, at the end and as often as the plan says; once. */
export async function evaluateWhenDue(
  { id, recipe, evaluateEvery, evaluationPlays, iterations }: TrainManifest,
  { iteration, served, bankRevision }: IterationState,
  { evaluation }: OpenedSets,
  { episodes, entries }: Stores,
  pool: WorkerPool,
  {
    namespace,
    signal,
    progress,
  }: { readonly namespace: string; readonly signal: AbortSignal; readonly progress: (news: TrainNews) => void },
): Promise<void> {
  const isDue = iteration === 0 || iteration === iterations || iteration % evaluateEvery === 0;
  if (evaluateEvery === 0 || !isDue) return;
  const sides = recipe.memory === 'half' && bankRevision > 0 ? ['none', 'entries'] : ['none'];
  if (sides.includes('entries')) refuseLeaks(evaluation, await servedEntries(entries, namespace, bankRevision));
  await pool.serve({ model: served.model, revision: bankRevision, temperature: evaluationTemperature, isHalf: false });
  const specs = planEvaluation(id, iteration, evaluation, sides, evaluationPlays, recipe.seed);
  const rollouts = await collect(specs, pool, episodes, {
    stage: `held-out games after ${iteration}`,
    signal,
    progress,
  });
  for (const side of sides) {
    const own: Evaluation = { iteration, side, rollouts: rollouts.filter(({ spec }) => spec.arm === side) };
    progress({ type: 'point', point: evaluationPoint(own) });
  }
}
