import { contentHash, InputError, type Purpose, type RolloutSpec, type Task } from '@skillrl/core';

import { keyedSeed } from './seed.ts';

export interface RolloutPlan {
  /** Names the run: rollouts of different suites never share an id. */
  readonly suite: string;
  readonly arms: readonly string[];
  readonly tasks: readonly Task[];
  /** Plays of each task by each arm, ≥ 1. Default 1. */
  readonly samples?: number;
  readonly purpose: Purpose;
  /** Changes every draw. Default 1. */
  readonly seed?: number;
}

/**
 * Every rollout of a run, before any of them runs: sample by sample, task by task, the arms side by side, so that a run that is cut
 * short still compares equal tasks. The seed does not depend on the arm: arms are paired.
 *
 * @throws {InputError} `PLAN_EMPTY` without tasks or arms, `PLAN_REPEATS` when a task or arm is listed twice.
 */
export function planRollouts(plan: RolloutPlan): RolloutSpec[] {
  const { suite, arms, tasks, samples = 1, purpose, seed = 1 } = plan;
  if (tasks.length === 0 || arms.length === 0) {
    throw new InputError({
      code: 'PLAN_EMPTY',
      message: `The suite '${suite}' has ${tasks.length} tasks and ${arms.length} arms: nothing to run.`,
    });
  }
  refuseRepeats(suite, 'arm', arms);
  refuseRepeats(
    suite,
    'task',
    tasks.map((task) => task.id),
  );

  return Array.from({ length: samples }, (_, sample) => sample).flatMap((sample) =>
    tasks.flatMap((task) =>
      arms.map((arm) => ({
        id: contentHash(JSON.stringify([suite, seed, arm, task.id, sample])).slice(0, 20),
        suite,
        arm,
        task,
        sample,
        seed: keyedSeed([seed, task.id, sample]),
        purpose,
      })),
    ),
  );
}

function refuseRepeats(suite: string, what: string, names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new InputError({
      code: 'PLAN_REPEATS',
      message: `The suite '${suite}' lists the ${what} '${repeated}' twice.`,
    });
  }
}
