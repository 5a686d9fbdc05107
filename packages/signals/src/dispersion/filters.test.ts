import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { dispersionFilter, type RankedQuery } from './dispersion-filter.ts';
import { knowledgeFilter } from './knowledge-filter.ts';
import { lengthReward, rewardWithLength } from './length-reward.ts';
import { rubricGate } from './rubric-gate.ts';

const ten: RankedQuery[] = Array.from({ length: 10 }, (_, index) => ({
  id: `q${index}`,
  dispersion: { largest: index + 1 },
}));

describe('dispersionFilter', () => {
  it('keeps the 70 % of queries with the largest dispersion', () => {
    const { kept, carried, dropped } = dispersionFilter(ten);
    expect(kept).toEqual(['q9', 'q8', 'q7', 'q6', 'q5', 'q4', 'q3']);
    expect(carried).toEqual([]);
    expect(dropped.map(({ id }) => id)).toEqual(['q2', 'q1', 'q0']);
  });

  it('drops what cannot be compared, without counting it among the share', () => {
    const blank: RankedQuery[] = [
      { id: 'few', dispersion: { largest: undefined, reason: 'too-few-rollouts' } },
      { id: 'flat', dispersion: { largest: undefined, reason: 'no-variation' } },
    ];
    const { kept, dropped } = dispersionFilter([...blank, ...ten]);
    expect(kept).toHaveLength(7);
    expect(dropped.slice(3)).toEqual([
      { id: 'few', reason: 'too-few-rollouts' },
      { id: 'flat', reason: 'no-variation' },
    ]);
  });

  it('carries a tenth of what it let through before', () => {
    const queries = Array.from({ length: 1_000 }, (_, index) => ({ id: `q${index}`, dispersion: { largest: index } }));
    const previous = queries.slice(0, 300).map(({ id }) => id);
    const { kept, carried, dropped } = dispersionFilter(queries, { previous });
    // All 300 would be dropped now: 30 of them stay.
    expect(carried).toHaveLength(30);
    expect(carried.every((id) => previous.includes(id))).toBe(true);
    expect(kept).toHaveLength(700);
    expect(dropped).toHaveLength(270);
    expect(dispersionFilter(queries, { previous: previous.toReversed() }).carried).toEqual(carried);
    expect(dispersionFilter(queries, { previous, seed: 2 }).carried).not.toEqual(carried);
    expect(dispersionFilter(queries, { previous, carryShare: 0 }).carried).toEqual([]);
  });

  it('puts every query into exactly one list, whatever the order', () => {
    const largest = fc.oneof(fc.constantFrom(undefined, 1), fc.double({ min: 0, max: 10, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(largest, { maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, keepShare, carryShare) => {
          const queries = values.map((value, index) => ({ id: `q${index}`, dispersion: { largest: value } }));
          const options = { keepShare, carryShare, previous: ['q0', 'q3', 'q7', 'gone'] };
          const { kept, carried, dropped } = dispersionFilter(queries, options);
          const all = [...kept, ...carried, ...dropped.map(({ id }) => id)];
          expect(all.toSorted()).toEqual(queries.map(({ id }) => id).toSorted());
          const turned = dispersionFilter(queries.toReversed(), options);
          expect([turned.kept, turned.carried]).toEqual([kept, carried]);
        },
      ),
    );
  });

  it('knows the ends, and refuses what is no query', () => {
    expect(dispersionFilter([])).toEqual({ kept: [], carried: [], dropped: [] });
    // (1 − 0.9) · 10 is 0.9999999999999998.
    expect(dispersionFilter(ten, { keepShare: 0.9 }).kept).toHaveLength(9);
    expect(dispersionFilter(ten, { keepShare: 1 }).kept).toHaveLength(10);
    expect(dispersionFilter(ten, { keepShare: 0 }).kept).toHaveLength(0);
    expect(() => dispersionFilter([ten[0]!, ten[0]!])).toThrow(/comes twice/u);
    expect(() => dispersionFilter([{ id: 'x', dispersion: { largest: Number.NaN } }])).toThrow(RangeError);
    expect(() => dispersionFilter(ten, { keepShare: 2 })).toThrow(RangeError);
  });
});

describe('knowledgeFilter', () => {
  it('equals the golden values', () => {
    const { ranks, rho, per_rollout, min, keep } = vectors['5_rankgate'];
    expect(knowledgeFilter(ranks, { share: rho })).toEqual({ keep, worstRanks: per_rollout, best: min });
  });

  it('keeps a query at the limit, drops it above, and leaves out excluded rollouts', () => {
    const options = { share: 0.5, largestRank: 100 };
    expect(knowledgeFilter([[1, 1, 99, 101]], options)).toMatchObject({ keep: true, best: 100 });
    expect(knowledgeFilter([[1, 1, 99, 102]], options)).toMatchObject({ keep: false, best: 100.5 });
    expect(knowledgeFilter([null, [7]])).toEqual({ keep: true, worstRanks: [null, 7], best: 7 });
    expect(knowledgeFilter([null])).toEqual({ keep: false, worstRanks: [null], best: undefined });
    expect(knowledgeFilter([[], []])).toEqual({ keep: false, worstRanks: [null, null], best: undefined });
  });

  it('refuses ranks that are none', () => {
    expect(() => knowledgeFilter([[0]])).toThrow(RangeError);
    expect(() => knowledgeFilter([[1.5]])).toThrow(RangeError);
    expect(() => knowledgeFilter([[1], [1, 2]])).toThrow(RangeError);
    expect(() => knowledgeFilter([[1]], { share: 0 })).toThrow(RangeError);
  });
});

describe('rubricGate', () => {
  it('equals the values of the design: below the least feasible by the margin', () => {
    expect(rubricGate([0.2, -0.5, 0.9, 0.1], [1, 1, 0, 1])).toEqual([0.2, -0.5, -1.5, 0.1]);
    expect(rubricGate([0.2, -0.5], [0, 0])).toBeUndefined();
    expect(rubricGate([0.2, -0.5], [1, 1])).toEqual([0.2, -0.5]);
    expect(rubricGate([0.2, -3], [1, 0])).toEqual([0.2, -4]);
    expect(rubricGate([], [])).toBeUndefined();
  });

  it('leaves out what was not scored or not judged', () => {
    expect(rubricGate([null, 1, 2, 5], [1, null, 1, 0])).toEqual([null, null, 2, 1]);
    expect(rubricGate([null, 1], [1, 0])).toBeUndefined();
  });

  it('puts every infeasible rollout below every feasible one', () => {
    const row = fc.tuple(fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), fc.constantFrom(0, 1, null));
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const gated = rubricGate(
          rows.map(([reward]) => reward),
          rows.map(([, verdict]) => verdict),
        );
        if (gated === undefined) return;
        const of = (verdict: number) =>
          gated.filter((reward, index) => reward !== null && rows[index]![1] === verdict) as number[];
        expect(Math.max(-Infinity, ...of(0))).toBeLessThan(Math.min(...of(1)));
      }),
    );
    expect(() => rubricGate([1], [2])).toThrow(RangeError);
    expect(() => rubricGate([1], [1], { margin: -1 })).toThrow(RangeError);
    expect(() => rubricGate([1], [])).toThrow(RangeError);
  });
});

describe('lengthReward', () => {
  it.each(vectors['5_len'])('equals the golden reward of $out for $ref', ({ ref, out, beta, r }) => {
    expect(lengthReward(out, ref, { slope: beta })).toBeCloseTo(r, 12);
    expect(lengthReward(out, ref)).toBeCloseTo(r, 12);
  });

  it('does not exist for an empty reference', () => {
    expect(lengthReward(5, 0)).toBeUndefined();
    expect(() => lengthReward(-1, 5)).toThrow(RangeError);
    expect(() => lengthReward(1, 5, { slope: Number.NaN })).toThrow(RangeError);
  });

  it('is added to the z-score of R3, worked by hand', () => {
    const [low, high, missing] = rewardWithLength([1, 3, null], [1, -1, 1]);
    expect(low).toBeCloseTo(-Math.SQRT1_2 + 0.25, 12);
    expect(high).toBeCloseTo(Math.SQRT1_2 - 0.25, 12);
    expect(missing).toBeNull();
    expect(rewardWithLength([2, 2], [1, null])).toEqual([0.25, 0]);
  });
});
