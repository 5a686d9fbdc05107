import { trainingRecipe } from '@skillrl/training';

import { defaultTrainingSets } from './default-training.ts';
import type { MemoryJobPlan } from './memory-job.ts';
import type { TrainPlan } from './train-plan.ts';
import { describeGames } from './train-sets.ts';

export interface MainJobSize {
  /** Draws the houses. */
  readonly panelSeed: string;
  readonly houses: number;
  /** Games compared, a house. */
  readonly tasksPerHouse: number;
  /** Other games of the house, to learn from. */
  readonly learningTasksPerHouse: number;
}

/** What `npm start` shows: other games of houses one has been to before, with and without memory, a placebo beside them. */
export function mainJob({ panelSeed, houses, tasksPerHouse, learningTasksPerHouse }: MainJobSize): MemoryJobPlan {
  return {
    question: `Does memory of ${learningTasksPerHouse} earlier games help in other games of the same ${houses} generated houses?`,
    protocol: 'transfer',
    games: { kind: 'generated', panel: 'test', panelSeed, houses, tasksPerHouse, learningTasksPerHouse },
    arms: ['none', 'skills', 'placebo'],
    primary: { endpoint: 'success within 20', arm: 'skills' },
    panelName: 'generated houses (test)',
    panelSeed,
    sampleSize: `${houses} houses × ${tasksPerHouse} games × 3 arms: what three minutes on two cores hold`,
  };
}

/** The official games of unseen rooms, with a bank learned from official training games. */
export function officialJob({
  split = 'valid_unseen',
  learningGames = 200,
  folder,
}: { readonly split?: string; readonly learningGames?: number; readonly folder?: string } = {}): MemoryJobPlan {
  return {
    question: `Does memory of ${learningGames} official training games help in ${split}?`,
    protocol: 'transfer',
    games: { kind: 'official', folder, split, learningSplit: 'train', learningGames },
    arms: ['none', 'skills', 'placebo'],
    primary: { endpoint: 'success within 20', arm: 'skills' },
    panelName: `ALFWorld ${split}`,
    sampleSize: `every game of ${split}, once an arm`,
  };
}

/** A short training run: what three to four minutes on two cores hold. It changes no live version. */
export async function rlJob({
  panelSeed,
  data,
}: {
  readonly panelSeed: string;
  readonly data?: string;
}): Promise<TrainPlan> {
  const sets = await defaultTrainingSets({ panelSeed, data, trainGames: 160, heldOut: 134 });
  const iterations = 4;
  return {
    question: `Does the policy warm play ${describeGames(sets.evaluation)} better for ${iterations} iterations on ${describeGames(sets.train)}?`,
    recipe: trainingRecipe({ name: 'grpo', memory: 'none', groups: 12, canary: { pairs: 0 } }),
    base: 'warm',
    sets,
    iterations,
    evaluateEvery: iterations,
    evaluationPlays: 1,
    publishes: false,
  };
}
