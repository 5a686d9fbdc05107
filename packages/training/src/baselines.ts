import { trainingRecipe, type TrainingRecipe } from './recipe.ts';

/**
 * What a recipe is compared with, in one harness: each differs from `grpo-memory`, which has every default, by the switches that stand here and by
 * nothing else.
 */
export const baselines = {
  /** Imitates an expert who does not know where things are, as the policy was made. */
  sft: trainingRecipe({ name: 'sft', source: 'demonstrations', memory: 'none' }),
  /** Imitates an expert who knows: the ceiling of imitation. */
  'sft-informed': trainingRecipe({
    name: 'sft-informed',
    source: 'demonstrations',
    expert: 'informed',
    memory: 'none',
  }),
  /** Imitates the policy's own successes. */
  rejection: trainingRecipe({ name: 'rejection', memory: 'none', advantage: { credit: 'success' } }),
  grpo: trainingRecipe({ name: 'grpo', memory: 'none' }),
  'grpo-memory': trainingRecipe({ name: 'grpo-memory' }),
  /** Credit for single steps. */
  gigpo: trainingRecipe({ name: 'gigpo', memory: 'none', advantage: { credit: 'step' } }),
  /** GRPO as it is usually run: no difficulty, no softened negatives, a binary reward; the frozen arm of "memory × signals". */
  'grpo-plain': trainingRecipe({
    name: 'grpo-plain',
    memory: 'none',
    reward: { stepCost: 0 },
    advantage: { negatives: 1 },
    gate: { byDifficulty: false },
  }),
} as const satisfies Readonly<Record<string, TrainingRecipe>>;

export type BaselineName = keyof typeof baselines;
