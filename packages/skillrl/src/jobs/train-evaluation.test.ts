import { describe, expect, it } from 'vitest';

import { planEvaluation } from './train-evaluation.ts';

describe('planEvaluation', () => {
  const tasks = [{ id: 'a', environment: 'games', instruction: 'win', domainKind: 'convergent' }] as const;
  const drawsOf = (iteration: number, seed: number): number[] =>
    planEvaluation('run', iteration, tasks, ['none'], 3, seed).map((spec) => spec.seed);

  it('plays the versions of a run with the same draws, and runs of other seeds with others', () => {
    expect(drawsOf(21, 1)).toEqual(drawsOf(0, 1));
    expect(new Set([...drawsOf(0, 1), ...drawsOf(0, 2)]).size).toBe(6);
  });
});
