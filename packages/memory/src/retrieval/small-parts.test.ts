import { testVectorIndex } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { wordSet } from '../bank/prose-words.ts';
import { diversify, repeats } from './diversify.ts';
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

  const item = fc.record({ value: fc.integer({ min: 0, max: 20 }), tokens: fc.integer({ min: 0, max: 30 }) });
  const sum = (positions: readonly number[], of: readonly { readonly value: number; readonly tokens: number }[]) => ({
    value: positions.reduce((total, at) => total + of[at]!.value, 0),
    tokens: positions.reduce((total, at) => total + of[at]!.tokens, 0),
  });
  /** The greatest value within a budget, by the table of all smaller budgets. */
  const most = (of: readonly { readonly value: number; readonly tokens: number }[], budget: number): number => {
    const best = Array.from({ length: budget + 1 }, () => 0);
    for (const { value, tokens } of of) {
      for (let left = budget; left >= tokens; left -= 1)
        best[left] = Math.max(best[left]!, best[left - tokens]! + value);
    }
    return best[budget]!;
  };

  it('gets all that is possible out of up to twelve items', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.integer({ min: 0, max: 120 }), (drawn, budget) => {
        const kept = sum(pack(drawn, budget), drawn);
        expect(kept.tokens).toBeLessThanOrEqual(budget);
        expect(kept.value).toBe(most(drawn, budget));
      }),
    );
  });

  it('gets at least half of what is possible out of more, and never exceeds the budget', () => {
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 13, maxLength: 40 }),
        fc.integer({ min: 0, max: 300 }),
        (drawn, budget) => {
          const kept = sum(pack(drawn, budget), drawn);
          expect(kept.tokens).toBeLessThanOrEqual(budget);
          expect(kept.value * 2).toBeGreaterThanOrEqual(most(drawn, budget));
        },
      ),
    );
    // One great item against small ones that look better by the token.
    const small = Array.from({ length: 13 }, () => ({ value: 2, tokens: 1 }));
    expect(pack([...small, { value: 100, tokens: 100 }], 100)).toEqual([13]);
  });

  it('packs nothing when there is nothing', () => {
    expect(pack([], 10)).toEqual([]);
  });
});

describe('diversify', () => {
  const ranked = (id: string, relevance: number, text: string) => ({
    id,
    relevance,
    text,
    words: () => wordSet(text.split(' ').filter(Boolean)),
  });

  it('takes a less relevant new idea before a more relevant repetition, and leaves out what only repeats', () => {
    const candidates = [
      ranked('a', 0.9, 'look in the cabinet first'),
      ranked('b', 0.89, 'look in the cabinet first'),
      ranked('c', 0.85, 'look in the cabinet now'),
      ranked('d', 0.8, 'heat before serving'),
    ];
    expect(diversify(candidates, 2).map(({ id }) => id)).toEqual(['a', 'd']);
    expect(diversify(candidates, 9).map(({ id }) => id)).toEqual(['a', 'd', 'c']);
    expect(candidates.filter((one) => repeats(one, [candidates[0]!])).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('chooses nothing of nothing, and everything within the limit', () => {
    expect(diversify([], 3)).toEqual([]);
    expect(diversify([ranked('a', 1, ''), ranked('b', 1, '')], 5).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('chooses what maximal marginal relevance chooses when all is worked out', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const candidate = fc.record({ relevance: fc.integer({ min: 0, max: 10 }), text: fc.array(word, { maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 14 }), fc.integer({ min: 0, max: 8 }), (drawn, limit) => {
        const sorted = drawn.toSorted((a, b) => b.relevance - a.relevance);
        const all = sorted.map(({ relevance, text }, at) => ranked(`${at}`, relevance / 10, text.join(' ')));
        expect(diversify(all, limit).map(({ id }) => id)).toEqual(eager(all, limit));
      }),
      { numRuns: 500 },
    );
  });

  /** Maximal marginal relevance straight from its definition. */
  function eager(all: readonly ReturnType<typeof ranked>[], limit: number): string[] {
    const wordsOf = ({ text }: { readonly text: string }): Set<string> => new Set(text.split(' ').filter(Boolean));
    const jaccard = (one: (typeof all)[number], other: (typeof all)[number]): number => {
      const [a, b] = [wordsOf(one), wordsOf(other)];
      return a.size === 0 || b.size === 0
        ? 0
        : [...a].filter((word) => b.has(word)).length / new Set([...a, ...b]).size;
    };
    const chosen: (typeof all)[number][] = [];
    let left = [...all];
    while (chosen.length < limit && left.length > 0) {
      const scores = left.map(
        (one) => 0.75 * one.relevance - 0.25 * Math.max(0, ...chosen.map((other) => jaccard(other, one))),
      );
      const best = left[scores.indexOf(Math.max(...scores))]!;
      chosen.push(best);
      left = left.filter((one) => one !== best && jaccard(best, one) <= 0.85);
    }
    return chosen.map(({ id }) => id);
  }
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

describe('estimateTokens of any text', () => {
  it('counts what the definition says in patterns', () => {
    const sign = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+|[^\s]/gu;
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('a', 'é', '寿', 'カ', '⺀', '\u0301', ' ', '\u3000', '—', '😀', '𠮷', '\ud800', '5'),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const text = units.join('');
        let tokens = 0;
        for (const [part] of text.matchAll(sign)) tokens += Math.ceil(part.length / 4) || 1;
        expect(estimateTokens(text)).toBe(tokens);
      }),
      { numRuns: 2_000 },
    );
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
