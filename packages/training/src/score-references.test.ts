import { memoryTrainer } from '@skillrl/testing';
import {
  dispersionFilter,
  dispersionWeights,
  queryDispersion,
  tokenDispersion,
  weightedReferenceReward,
} from '@skillrl/signals';
import { describe, expect, it } from 'vitest';

import { scoreReferences } from './score-references.ts';

describe('scoreReferences', () => {
  it('rewards the reasoning after which the reference is likelier, by what the trainer itself says', async () => {
    const model = await memoryTrainer({ vocabulary: 16 }).open({ base: 'tiny' });
    // The model learns that 5 is followed by 9, and 6 by anything else.
    for (let step = 0; step < 30; step += 1) {
      await model.forwardBackward(
        [
          { ids: [1, 5, 9], weights: [0, 0, 1] },
          { ids: [1, 6, 2], weights: [0, 0, 1] },
        ],
        { name: 'cross_entropy' },
      );
      await model.step({ learningRate: 0.1 });
    }
    const query = { id: 'q', contexts: [[1, 5], [1, 6], [1, 7], [1, 8], null], reference: [9, 3], masked: [1] };
    const scores = await scoreReferences(model, query);
    const [right, wrong, ...others] = scores.rewards;
    expect(right).toBeGreaterThan(wrong!);
    expect(right).toBeGreaterThan(0);
    expect(others.at(-1)).toBeNull();
    expect(scores.weights[0]).toBeGreaterThan(scores.weights[1]!);

    const { logprobs } = await model.forward([{ ids: [1, 5, 9, 3], weights: [0, 0, 1, 1] }]);
    expect([...scores.matrix.values].slice(0, 2)).toEqual(logprobs[0]?.slice(2));
  });

  it('takes weights, rewards and the filter of queries from one matrix', async () => {
    const model = await memoryTrainer({ vocabulary: 16 }).open({ base: 'tiny' });
    const scores = await scoreReferences(model, {
      id: 'q',
      contexts: [
        [1, 5],
        [1, 6],
        [1, 7],
        [1, 8],
      ],
      reference: [9, 3],
    });
    const { matrix } = scores;
    expect(scores.weights).toEqual(dispersionWeights(tokenDispersion(matrix)));
    expect(scores.rewards).toEqual(weightedReferenceReward(matrix, scores.weights));
    expect(scores.dispersion).toEqual(queryDispersion(matrix));
    const flat = await scoreReferences(model, {
      id: 'flat',
      contexts: [
        [1, 5],
        [1, 5],
        [1, 5],
        [1, 5],
      ],
      reference: [9],
    });
    expect(dispersionFilter([scores, flat]).dropped).toEqual([{ id: 'flat', reason: 'no-variation' }]);
    expect(flat.rewards).toEqual([0, 0, 0, 0]);
  });
});
