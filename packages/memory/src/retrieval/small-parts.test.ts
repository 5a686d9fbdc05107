import { testVectorIndex } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { diversify } from './diversify.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { exactVectors } from './exact-vectors.ts';
import { keyedDraw } from './keyed-draw.ts';
import { pack } from './pack.ts';

describe('pack', () => {
  const items = [
    { value: 0.9, tokens: 60 },
    { value: 0.6, tokens: 30 },
    { value: 0.5, tokens: 30 },
  ];

  it.each([
    [120, [0, 1, 2]],
    [100, [0, 1]],
    [60, [1, 2]],
    [59, [1]],
    [29, []],
    [0, []],
    [-5, []],
  ])('finds the most valuable set for a budget of %i', (budget, kept) => {
    expect(pack(items, budget)).toEqual(kept);
  });

  it('prefers the best value per token when there are too many items to try all sets', () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ value: 1, tokens: at + 1 }));
    expect(pack(many, 6)).toEqual([0, 1, 2]);
  });

  it('packs nothing when there is nothing', () => {
    expect(pack([], 10)).toEqual([]);
  });
});

describe('diversify', () => {
  it('takes a less relevant new idea before a more relevant repetition, and drops what only repeats', () => {
    const result = diversify(
      [
        { id: 'a', relevance: 0.9, text: 'look in the cabinet first' },
        { id: 'b', relevance: 0.89, text: 'look in the cabinet first' },
        { id: 'c', relevance: 0.85, text: 'look in the cabinet now' },
        { id: 'd', relevance: 0.8, text: 'heat before serving' },
      ],
      2,
    );
    expect(result).toEqual({ chosen: ['a', 'd'], duplicates: ['b'] });
  });

  it('chooses nothing of nothing, and everything within the limit', () => {
    expect(diversify([], 3)).toEqual({ chosen: [], duplicates: [] });
    expect(
      diversify(
        [
          { id: 'a', relevance: 1, text: '' },
          { id: 'b', relevance: 1, text: '' },
        ],
        5,
      ).chosen,
    ).toEqual(['a', 'b']);
  });
});

describe('estimateTokens', () => {
  it.each([
    ['', 0],
    ['   \n', 0],
    ['mug', 1],
    ['microwave 1', 4],
    ['a, b.', 4],
    ['寿司', 2],
  ])('counts %j as %i', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens);
  });
});

describe('keyedDraw', () => {
  it('draws alike for equal keys, and evenly over different ones', () => {
    expect(keyedDraw(1, 'a')).toBe(keyedDraw(1, 'a'));
    expect(keyedDraw(1, 'ab')).not.toBe(keyedDraw('1a', 'b'));
    const draws = Array.from({ length: 2_000 }, (_, seed) => keyedDraw(seed, 'task', 'entry'));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  });
});

describe('exactVectors', () => testVectorIndex({ create: (dimensions) => exactVectors(dimensions) }));
