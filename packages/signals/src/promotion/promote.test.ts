import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { promote, type PromotionCase } from './promote.ts';
import type { Verdict } from './verdict.ts';

const won: Verdict = { score: 1, source: 'environment', verified: true };
const lost: Verdict = { score: 0, source: 'environment', verified: true };
const played = (verdicts: readonly Verdict[], more: Partial<PromotionCase> = {}): PromotionCase => ({
  purpose: 'train',
  verdicts,
  ...more,
});

describe('promote, the cases of the design page', () => {
  it.each<[string, PromotionCase, object]>([
    ['a verified success at pass rate ½', played([won], { passRate: 0.5 }), { becomes: 'demonstration' }],
    [
      'an unverified success at 0.05',
      played([{ ...won, verified: false }], { passRate: 0.05 }),
      { becomes: 'quarantine' },
    ],
    [
      'a success at 0.05 that two verified',
      played([won, { ...won, source: 'grader' }], { passRate: 0.05 }),
      { becomes: 'demonstration' },
    ],
    ['a failure', played([lost]), { becomes: 'lesson', about: 'failure' }],
    ['an outcome that is not known', played([{ ...won, score: null }]), { becomes: 'none' }],
    [
      'a success by a shortcut',
      played([won], { shortcutFlags: ['answer-repeated'] }),
      { becomes: 'lesson', about: 'shortcut' },
    ],
    ['an episode cut off by our limit', played([], { end: 'truncated' }), { becomes: 'none' }],
    [
      'a failure that nobody verified',
      played([{ ...lost, source: 'user', verified: false }]),
      { becomes: 'quarantine', as: 'lesson' },
    ],
  ])('%s', (_, episode, expected) => {
    expect(promote(episode)).toMatchObject(expected);
  });
});

describe('promote', () => {
  it.each(['admit', 'gate', 'test'] as const)('learns nothing from episodes played for %s', (purpose) => {
    for (const verdict of [won, lost])
      expect(promote({ purpose, verdicts: [verdict] })).toMatchObject({ becomes: 'none' });
    expect(promote({ purpose, verdicts: [won] }).reason).toContain(purpose);
  });

  it('lets the most trusted source decide: environment, grader, user, then model or tool', () => {
    const sources = ['environment', 'grader', 'user', 'model'] as const;
    sources.forEach((source, index) => {
      for (const lesser of sources.slice(index + 1)) {
        const success = { score: 1, source, verified: true };
        const failure = { score: 0, source: lesser, verified: true };
        const isHeard = source !== 'model';
        expect(promote(played([failure, success])).becomes).toBe(isHeard ? 'demonstration' : 'quarantine');
        expect(
          promote(
            played([
              { ...failure, score: 1 },
              { ...success, score: 0 },
            ]),
          ).becomes,
        ).toBe('lesson');
      }
    });
  });

  it('hears a verified user before an unverified environment', () => {
    expect(
      promote(
        played([
          { ...won, verified: false },
          { score: 0, source: 'user', verified: true },
        ]),
      ).becomes,
    ).toBe('lesson');
  });

  it.each(['model', 'tool'] as const)("lets a %s's word verify nothing, whatever it claims", (source) => {
    const claim = { score: 1, source, verified: true };
    expect(promote(played([claim, { ...claim, verifier: 'another' }]))).toMatchObject({
      becomes: 'quarantine',
      as: 'demonstration',
    });
    expect(promote(played([won, claim], { passRate: 0 }))).toMatchObject({ becomes: 'quarantine' });
    expect(promote(played([{ ...claim, score: 0 }]))).toMatchObject({ becomes: 'quarantine', as: 'lesson' });
  });

  it('waits when equals disagree', () => {
    const graders = [1, 0].map((score) => ({
      score,
      source: 'grader' as const,
      verified: true,
      verifier: `g${score}`,
    }));
    expect(promote(played(graders))).toMatchObject({ becomes: 'quarantine' });
    expect(promote(played([...graders, won]))).toMatchObject({ becomes: 'demonstration' });
  });

  it('does not take one name for two verifications', () => {
    const named = (verifier: string) => ({ ...won, verifier });
    expect(promote(played([named('a'), named('a')], { passRate: 0.05 })).becomes).toBe('quarantine');
    expect(promote(played([named('a'), named('b')], { passRate: 0.05 })).becomes).toBe('demonstration');
    expect(promote(played([won, won], { passRate: 0.05 })).becomes).toBe('quarantine');
  });

  it('suspects successes below the edge of the band, not on it, and not where too little is known', () => {
    expect(promote(played([won], { passRate: 0.125 })).becomes).toBe('demonstration');
    expect(promote(played([won], { passRate: 0.124 })).becomes).toBe('quarantine');
    expect(promote(played([won], { passRate: null })).becomes).toBe('demonstration');
    expect(promote(played([won], { passRate: 0.2 }), { suspectBelow: 0.25 }).becomes).toBe('quarantine');
  });

  it('takes a partial score for a success from the threshold of the task on', () => {
    const partial = (score: number, successScore?: number) =>
      promote(played([{ ...won, score }]), { successScore }).becomes;
    expect(partial(0.99)).toBe('lesson');
    expect(partial(0.8, 0.8)).toBe('demonstration');
    expect(partial(0.79, 0.8)).toBe('lesson');
  });

  it('keeps a success that came before the cut, and learns nothing from a failure that was cut off or broke off on an error', () => {
    expect(promote(played([won], { end: 'truncated' })).becomes).toBe('demonstration');
    expect(promote(played([won], { end: 'errored' })).becomes).toBe('demonstration');
    expect(promote(played([lost], { end: 'truncated' })).becomes).toBe('none');
    expect(promote(played([lost], { end: 'errored' })).becomes).toBe('none');
    expect(promote(played([], { end: 'errored' })).becomes).toBe('none');
    expect(promote(played([])).becomes).toBe('none');
  });

  it('refuses scores, rates and thresholds out of range, and words it does not know', () => {
    expect(() => promote(played([{ ...won, score: 1.5 }]))).toThrow(RangeError);
    expect(() => promote(played([{ ...won, score: Number.NaN }]))).toThrow(RangeError);
    expect(() => promote(played([{ ...won, source: 'oracle' as 'user' }]))).toThrow(/oracle/);
    expect(() => promote({ purpose: 'serve' as 'train', verdicts: [] })).toThrow(/serve/);
    expect(() => promote(played([won], { passRate: Number.NaN }))).toThrow(RangeError);
    expect(() => promote(played([won]), { successScore: 0 })).toThrow(RangeError);
    expect(() => promote(played([won]), { suspectBelow: 2 })).toThrow(RangeError);
  });

  it('makes a demonstration only of verified, unsuspected successes in training, in whatever order verdicts come', () => {
    const verdict = fc.record({
      score: fc.option(fc.constantFrom(0, 0.5, 1)),
      source: fc.constantFrom('environment', 'grader', 'user', 'model', 'tool'),
      verified: fc.boolean(),
      verifier: fc.constantFrom('a', 'b', undefined),
    });
    const episode = fc.record({
      purpose: fc.constantFrom('train', 'train', 'admit', 'gate', 'test'),
      verdicts: fc.array(verdict, { maxLength: 4 }),
      end: fc.constantFrom('terminated', 'truncated', 'errored'),
      passRate: fc.option(fc.constantFrom(0, 0.05, 0.5, 1)),
      shortcutFlags: fc.subarray(['answer-repeated']),
    }) as fc.Arbitrary<PromotionCase>;
    let demonstrations = 0;
    fc.assert(
      fc.property(episode, (one) => {
        const promotion = promote(one);
        expect(promotion.reason).toMatch(/^[A-Z].*\.$/);
        expect(promote({ ...one, verdicts: one.verdicts.toReversed() }).becomes).toBe(promotion.becomes);
        if (promotion.becomes !== 'demonstration') return;
        demonstrations += 1;
        const names = one.verdicts
          .filter(({ score, source, verified }) => score === 1 && verified && source !== 'model' && source !== 'tool')
          .map(({ verifier, source }) => verifier ?? source);
        expect(one.purpose).toBe('train');
        expect(one.shortcutFlags).toEqual([]);
        expect(names.length).toBeGreaterThan(0);
        if (one.passRate !== null && one.passRate! < 0.125) expect(new Set(names).size).toBeGreaterThan(1);
      }),
      { numRuns: 2_000 },
    );
    expect(demonstrations).toBeGreaterThan(20);
  });
});
