import { trainingRecipe, type RecipeSwitches, type TrainingRecipe } from './recipe.ts';

/**
 * What a recipe is compared with, in one harness: each differs from `grpo-memory`, which has every default, by the switches that stand here and by
 * nothing else.
 */
export const baselineSwitches = {
  /** Imitates an expert who does not know where things are, as the policy was made. */
  sft: { source: 'demonstrations', memory: 'none' },
  /** Imitates an expert who knows where things usually are: the ceiling of imitation. */
  'sft-informed': { source: 'demonstrations', expert: 'informed', memory: 'none' },
  /** Imitates the policy's own successes. */
  rejection: { memory: 'none', advantage: { credit: 'success' } },
  grpo: { memory: 'none' },
  'grpo-memory': {},
  /** Credit for single steps. */
  gigpo: { memory: 'none', advantage: { credit: 'step' } },
  /** GRPO as it is usually run: no difficulty, no softened negatives, a binary reward; the frozen arm of "memory × signals". */
  'grpo-plain': {
    memory: 'none',
    reward: { stepCost: 0 },
    advantage: { negatives: 1 },
    gate: { byDifficulty: false },
  },
} as const satisfies Readonly<Record<string, Omit<RecipeSwitches, 'name'>>>;

export type BaselineName = keyof typeof baselineSwitches;

export const baselineNames = Object.keys(baselineSwitches) as BaselineName[];

/** Whole recipes of those switches, under their names. */
export const baselines = Object.fromEntries(
  baselineNames.map((name) => [name, trainingRecipe({ ...baselineSwitches[name], name })]),
) as Readonly<Record<BaselineName, TrainingRecipe>>;
