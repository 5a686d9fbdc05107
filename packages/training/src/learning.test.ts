import type { TrainableModel, TrainingSample } from '@skillrl/core';
import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { lab } from '../test-support/lab.ts';
import { runLab } from '../test-support/run.ts';
import { trainingRecipe, type TrainingRecipe } from './recipe.ts';

const quick = { groups: 8, optimizer: { learningRate: 0.1, minibatches: 2 }, canary: { pairs: 60 } } as const;

/** Success of each version on the same 60 plays of games that are not trained on. */
async function curve(recipe: TrainingRecipe, wrapModel?: (model: TrainableModel) => TrainableModel): Promise<number[]> {
  const world = lab({ wrapModel });
  const { manifests } = await runLab(world, recipe, 12, await world.ports());
  return manifests.map(({ canary }) => canary?.candidate ?? Number.NaN);
}

/** Deals each sample the advantages of another one. */
function withShuffledAdvantages(model: TrainableModel): TrainableModel {
  const random = seededRandom(1);
  const shuffled = (samples: readonly TrainingSample[]): TrainingSample[] => {
    const values = samples.map(({ advantages }) => advantages?.find((advantage) => advantage !== 0) ?? 0);
    for (let place = values.length - 1; place > 0; place -= 1) {
      const other = Math.floor(random() * (place + 1));
      [values[place], values[other]] = [values[other]!, values[place]!];
    }
    return samples.map((sample, index) => ({
      ...sample,
      advantages: sample.weights.map((weight) => (weight === 0 ? 0 : values[index]!)),
    }));
  };
  return { ...model, forwardBackward: (samples, loss) => model.forwardBackward(shuffled(samples), loss) };
}

describe('training', () => {
  it('raises success on games it is not trained on, with entries half of the time', async () => {
    const success = await curve(trainingRecipe({ name: 'lab', ...quick }));
    expect(success[0]).toBeLessThan(0.5);
    expect(success.at(-1)).toBeGreaterThan(0.85);
  });

  it('raises nothing when each sample is told the advantage of another', async () => {
    const success = await curve(trainingRecipe({ name: 'lab', ...quick }), withShuffledAdvantages);
    expect(Math.max(...success.slice(-3))).toBeLessThan(0.6);
  });

  it.each([
    ['grpo', {}],
    ['gigpo', { advantage: { credit: 'step' } }],
    ['rejection', { advantage: { credit: 'success' } }],
  ] as const)('raises success without memory by %s, in the same harness', async (name, switches) => {
    const success = await curve(trainingRecipe({ name, ...quick, memory: 'none', ...switches }));
    expect(success[0]).toBeLessThan(0.5);
    expect(success.at(-1)).toBeGreaterThan(0.7);
  });
});
