import { describe, expect, it } from 'vitest';

import { baselines } from './baselines.ts';
import { trainingRecipe, trainingRecipeSchema } from './recipe.ts';

describe('trainingRecipe', () => {
  it('has the recipe of the study of the small policy for defaults', () => {
    expect(trainingRecipe({ name: 'usual' })).toMatchObject({
      memory: 'half',
      groups: 16,
      groupSize: 8,
      reward: { stepCost: 0.3, brier: 0, novelty: 0 },
      advantage: { credit: 'episode', normalise: true, negatives: 0.5, statements: 8 },
      loss: { name: 'ppo', low: 0.8, high: 1.2 },
      optimizer: { learningRate: 3e-4, epochs: 1 },
      staleness: 1,
      publication: { every: 10, pairs: 500 },
      canary: { pairs: 74 },
    });
  });

  it.each([
    ['a Brier weight above that of success', { reward: { brier: 1.5 } }, 'Brier weight 1.5'],
    ['an odd group that is to be halved', { groupSize: 7 }, 'even number'],
    ['a half that cannot be compared', { groupSize: 2 }, 'cannot be compared'],
    ['entries for an expert who reads none', { source: 'demonstrations' }, 'without entries'],
    ['rollouts older than is allowed', { serveEvery: 3 }, 'older than'],
    ['staleness above the hard bound', { staleness: 5 }, 'staleness'],
    ['a band without inside', { gate: { low: 0.8 } }, 'low is above high'],
    ['a switch that does not exist', { invalidPenalty: 0.1 }, 'invalidPenalty'],
    ['a cost of mistakes among the rewards', { reward: { utilities: 'asymmetric' } }, 'utilities'],
  ])('refuses %s', (_, switches, message) => {
    expect(() => trainingRecipe({ name: 'wrong', ...(switches as object) })).toThrow(message);
  });

  it('reads back what it wrote', () => {
    for (const recipe of Object.values(baselines))
      expect(trainingRecipeSchema.parse(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
  });
});

describe('baselines', () => {
  it('differ from GRPO with memory by plain switches', () => {
    const usual = baselines['grpo-memory'];
    const differences = Object.fromEntries(
      Object.entries(baselines).map(([name, recipe]) => [
        name,
        leaves(recipe).filter((leaf) => !leaves(usual).includes(leaf)),
      ]),
    );
    expect(differences).toEqual({
      sft: ['name "sft"', 'source "demonstrations"', 'memory "none"'],
      'sft-informed': ['name "sft-informed"', 'source "demonstrations"', 'expert "informed"', 'memory "none"'],
      rejection: ['name "rejection"', 'memory "none"', 'advantage.credit "success"'],
      grpo: ['name "grpo"', 'memory "none"'],
      'grpo-memory': [],
      gigpo: ['name "gigpo"', 'memory "none"', 'advantage.credit "step"'],
      'grpo-plain': [
        'name "grpo-plain"',
        'memory "none"',
        'reward.stepCost 0',
        'advantage.negatives 1',
        'gate.byDifficulty false',
      ],
    });
  });
});

/** Every value of an object, behind its path. */
function leaves(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? leaves(inner, `${path}${key}.`)
      : [`${path}${key} ${JSON.stringify(inner)}`],
  );
}
