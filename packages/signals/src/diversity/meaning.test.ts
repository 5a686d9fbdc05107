import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { diversityAlarm } from './diversity-alarm.ts';
import { effectiveDiversity } from './effective-diversity.ts';
import { noveltyReward, type NovelRollout } from './novelty-reward.ts';
import { semanticClasses } from './semantic-classes.ts';

describe('effectiveDiversity', () => {
  it.each(vectors['3_semantic'])('equals the golden values of $sem, valid $valid', (row) => {
    const diversity = effectiveDiversity(row.sem, row.valid);
    const pairs: [number | undefined, number | string][] = [
      [diversity.fixed, row.div_fixed],
      [diversity.effectivePairs, row.div_pair_effective],
      [diversity.validPairs, row.div_pair_valid_only],
      [diversity.rawPairs, row.div_pair_raw],
    ];
    expect(diversity).toMatchObject({ count: row.n, validCount: row.n_valid });
    for (const [actual, expected] of pairs) {
      // The golden file writes NaN for what does not exist.
      if (expected === 'NaN') expect(actual).toBeUndefined();
      else expect(actual).toBeCloseTo(expected as number, 9);
    }
  });

  it('counts a generation of unknown meaning as not valid, and leaves it out of the raw pairs', () => {
    expect(effectiveDiversity(['x', null, 'y'], [1, 1, 1])).toEqual({
      count: 3,
      validCount: 2,
      fixed: 2 / 3,
      effectivePairs: 1 / 3,
      validPairs: 1,
      rawPairs: 1,
    });
    expect(effectiveDiversity([], [])).toMatchObject({ count: 0, fixed: undefined, effectivePairs: undefined });
    expect(() => effectiveDiversity(['x'], [])).toThrow(RangeError);
    expect(() => effectiveDiversity(['x'], [0.5])).toThrow(RangeError);
  });

  it('equals a count over all pairs, in [0, 1], in any order', () => {
    const row = fc.tuple(fc.constantFrom('x', 'y', 'z', 0, 1), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 12 }), (rows) => {
        let effective = 0;
        let raw = 0;
        rows.forEach(([first, valid], i) =>
          rows.slice(i + 1).forEach(([second, other]) => {
            if (first !== second) raw += 1;
            if (first !== second && valid === 1 && other === 1) effective += 1;
          }),
        );
        const all = (rows.length * (rows.length - 1)) / 2;
        const of = (list: typeof rows) =>
          effectiveDiversity(
            list.map(([key]) => key),
            list.map(([, valid]) => valid),
          );
        expect(of(rows).effectivePairs).toBeCloseTo(effective / all, 12);
        expect(of(rows).rawPairs).toBeCloseTo(raw / all, 12);
        expect(of(rows.toReversed())).toEqual(of(rows));
        expect(of(rows).fixed).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('semanticClasses', () => {
  it('joins what is similar, and numbers classes by first appearance', () => {
    expect(semanticClasses([[1, 0], [0, 1], [2, 0.1], null, [0, -1]])).toEqual([0, 1, 0, null, 2]);
    expect(semanticClasses([])).toEqual([]);
    expect(semanticClasses([null])).toEqual([null]);
  });

  it('joins along a chain whose ends are not similar', () => {
    const at = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    // cos 30° = 0.866 ≥ 0.85 > cos 60°.
    expect(semanticClasses([at(0), at(60)])).toEqual([0, 1]);
    expect(semanticClasses([at(0), at(60), at(30)])).toEqual([0, 0, 0]);
    expect(semanticClasses([at(0), at(32)])).toEqual([0, 1]);
  });

  it('compares directions, however long', () => {
    expect(
      semanticClasses([
        [1e-300, 0],
        [1e300, 0],
        [1e300, 1e300],
      ]),
    ).toEqual([0, 0, 1]);
  });

  it('takes equal embeddings for one class at any similarity, rounding or not', () => {
    for (let size = 1; size < 50; size += 1) {
      const vector = Array.from({ length: size }, (_, index) => index + 1);
      expect(semanticClasses([vector, vector], { similarity: 1 })).toEqual([0, 0]);
    }
  });

  it('equals the connected components, found by walking, in any order', () => {
    const vector = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 1, max: 3 }));
    fc.assert(
      fc.property(fc.array(vector, { maxLength: 12 }), (vectors) => {
        const alike = (a: readonly number[], b: readonly number[]) =>
          (a[0]! * b[0]! + a[1]! * b[1]!) / Math.hypot(...a) / Math.hypot(...b) >= 0.85 - 1e-12;
        const labels: number[] = [];
        let next = 0;
        vectors.forEach((_, start) => {
          if (labels[start] !== undefined) return;
          const queue = [start];
          for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
            labels[index] = next;
            vectors.forEach((other, place) => {
              if (labels[place] === undefined && alike(vectors[index]!, other)) queue.push(place);
            });
          }
          next += 1;
        });
        expect(semanticClasses(vectors)).toEqual(labels);
        expect(new Set(semanticClasses(vectors.toReversed())).size).toBe(next);
      }),
    );
  });

  it('refuses embeddings that cannot be compared', () => {
    expect(() => semanticClasses([[0, 0]])).toThrow(/null for a text without meaning/u);
    expect(() => semanticClasses([[1], [1, 2]])).toThrow(RangeError);
    expect(() => semanticClasses([[Number.NaN]])).toThrow(RangeError);
    expect(() => semanticClasses([[1]], { similarity: 2 })).toThrow(RangeError);
  });
});

describe('noveltyReward', () => {
  const rollout = (
    surfaceKey: string,
    semanticKey: string | null,
    valid: number | null = 1,
    quality = 1,
  ): NovelRollout => ({
    surfaceKey,
    semanticKey,
    valid,
    quality,
  });

  it('pays for what the others of the group do not say, worked by hand', () => {
    // Of three others: a shares its wording with one and its meaning with two.
    const group = [rollout('a', 'm'), rollout('a', 'm'), rollout('b', 'm'), rollout('c', 'n')];
    const rewards = noveltyReward(group, { domainKind: 'divergent' });
    [1 - 1 / 6 - 2 / 6, 1 / 2, 1 - 0 - 2 / 6, 1].forEach((expected, index) =>
      expect(rewards[index]).toBeCloseTo(expected, 12),
    );
    expect(noveltyReward(group, { domainKind: 'divergent', noveltyWeight: 0 })).toEqual([1, 1, 1, 1]);
    expect(noveltyReward(group, { domainKind: 'divergent', surfaceShare: 1 })[2]).toBe(1);
  });

  it('is gated by validity, and null where that is not known', () => {
    const group = [rollout('a', null, 0), rollout('b', null, null), rollout('c', null, 1, 0.4)];
    expect(noveltyReward(group, { domainKind: 'divergent', noveltyWeight: 0.5 })).toEqual([0, null, 0.7]);
    expect(noveltyReward([rollout('a', 'm')], { domainKind: 'divergent' })).toEqual([1]);
    expect(noveltyReward([], { domainKind: 'divergent' })).toEqual([]);
  });

  it('is in [0, 1] and follows its rollouts about', () => {
    const row = fc.record({
      surfaceKey: fc.constantFrom('a', 'b'),
      semanticKey: fc.constantFrom('m', 'n', null),
      valid: fc.constantFrom(0, 1, null),
      quality: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const weight = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(row), weight, weight, (rollouts, noveltyWeight, surfaceShare) => {
        const options = { domainKind: 'divergent', noveltyWeight, surfaceShare } as const;
        const rewards = noveltyReward(rollouts, options);
        expect(rewards.every((reward) => reward === null || (reward >= 0 && reward <= 1 + 1e-12))).toBe(true);
        expect(noveltyReward(rollouts.toReversed(), options)).toEqual(rewards.toReversed());
      }),
    );
  });

  it('refuses a convergent domain', () => {
    expect(() => noveltyReward([], { domainKind: 'convergent' as never })).toThrow(
      /only where different answers are wanted/u,
    );
    expect(() => noveltyReward([rollout('a', 'm', 1, 2)], { domainKind: 'divergent' })).toThrow(RangeError);
    expect(() => noveltyReward([rollout('a', 'm', 2)], { domainKind: 'divergent' })).toThrow(RangeError);
  });
});

describe('diversityAlarm', () => {
  const diverse = effectiveDiversity(['a', 'b', 'c', 'd'], [1, 1, 1, 1]);
  const same = effectiveDiversity(['a', 'a', 'a', 'a'], [1, 1, 1, 1]);
  const noise = effectiveDiversity(['a', 'b', 'c', 'd'], [0, 0, 0, 0]);

  it('rings for a fall in a divergent domain only', () => {
    expect(diversityAlarm([diverse], [same], { domainKind: 'divergent' })).toMatchObject({ alarm: true, fall: 1 });
    expect(diversityAlarm([diverse], [same], { domainKind: 'convergent' })).toMatchObject({ alarm: false, fall: 1 });
    expect(diversityAlarm([same, diverse], [diverse, diverse], { domainKind: 'divergent' })).toMatchObject({
      alarm: false,
      fall: -1,
    });
  });

  it('is not misled by noise, which is diverse and good for nothing', () => {
    expect(diversityAlarm([diverse], [noise], { domainKind: 'divergent' }).alarm).toBe(true);
  });

  it('compares the fall with what is allowed', () => {
    const half = [diverse, same];
    expect(diversityAlarm([diverse], half, { domainKind: 'divergent', largestFall: 0.5 }).alarm).toBe(false);
    expect(diversityAlarm([diverse], half, { domainKind: 'divergent', largestFall: 0.49 }).alarm).toBe(true);
  });

  it('says nothing where there was nothing to fall, and refuses unequal samples', () => {
    expect(diversityAlarm([same], [diverse], { domainKind: 'divergent' }).fall).toBeUndefined();
    expect(diversityAlarm([], [diverse], { domainKind: 'divergent' }).fall).toBeUndefined();
    const two = effectiveDiversity(['a', 'b'], [1, 1]);
    expect(() => diversityAlarm([diverse], [two], { domainKind: 'divergent' })).toThrow(/equally many/u);
    expect(() => diversityAlarm([diverse], [same], { domainKind: 'other' as never })).toThrow(RangeError);
  });
});
