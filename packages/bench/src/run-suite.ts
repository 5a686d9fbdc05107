import { type EpisodeStore, InputError, type Rollout, type Task } from '@skillrl/core';
import { collect, type CollectOptions, planRollouts, type RolloutRunner } from '@skillrl/rollouts';

import { listedTask, type Manifest } from './manifest.ts';

/**
 * Runs what a manifest says, or the rest of it.
 *
 * @param tasks - the panel's tasks, in the manifest's order.
 * @param options.arms - only these, for a run in stages. Default: all.
 * @throws {InputError} `PANEL_CHANGED` when a task is not the one the manifest was written for.
 */
export async function runSuite(
  manifest: Manifest,
  tasks: readonly Task[],
  runner: RolloutRunner,
  episodes: EpisodeStore,
  {
    arms = manifest.arms.map(({ name }) => name),
    ...options
  }: CollectOptions & { readonly arms?: readonly string[] } = {},
): Promise<readonly Rollout[]> {
  manifest.panel.tasks.forEach(({ id, hash }, index) => {
    const task = tasks[index];
    if (task === undefined || task.id !== id || listedTask(task).hash !== hash) {
      throw new InputError({
        code: 'PANEL_CHANGED',
        message: `Task ${index} of the panel is not '${id}' as the manifest lists it.`,
        hint: 'Write a new manifest for the changed panel.',
      });
    }
  });
  const specs = planRollouts({
    suite: manifest.id,
    arms,
    tasks,
    samples: manifest.samples,
    purpose: manifest.purpose,
    seed: manifest.seed,
  });
  return collect(specs, runner, episodes, options);
}
