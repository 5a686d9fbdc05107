import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { confidenceVote } from './confidence-vote.ts';

describe('confidenceVote', () => {
  it.each(vectors['2_vote'])('equals the golden vote %j', ({ ans, conf, winner, weights }) => {
    const confidences = conf.map((confidence) => (confidence === null ? null : Number(confidence)));
    const vote = confidenceVote(ans, confidences)!;
    expect(vote.answer).toBe(winner);
    expect(vote.tallies.map(({ answer }) => answer)).toEqual(Object.keys(weights));
    vote.tallies.forEach(({ answer, weight }) =>
      expect(weight).toBeCloseTo((weights as Record<string, number>)[answer]!, 12),
    );
  });

  it('says how it was decided and with which share', () => {
    expect(confidenceVote(['A', 'B'], [0.25, 0.75])).toMatchObject({ answer: 'B', share: 0.75, by: 'confidence' });
    expect(confidenceVote(['A', 'B', 'B'], [null, 0, -1])).toMatchObject({ answer: 'B', share: 2 / 3, by: 'majority' });
  });

  it('takes of equal answers the first seen, also where rounding makes them differ', () => {
    // 0.1 + 0.2 = 0.30000000000000004
    expect(confidenceVote(['A', 'B', 'B'], [0.3, 0.1, 0.2])!.answer).toBe('A');
    expect(confidenceVote(['B', 'B', 'A'], [0.1, 0.2, 0.3])!.answer).toBe('B');
  });

  it('lets samples without an answer abstain', () => {
    expect(confidenceVote([null, 'A'], [1, 0.1])).toMatchObject({ answer: 'A', share: 1 });
    expect(confidenceVote([], [])).toBeUndefined();
    expect(confidenceVote([null], [0.9])).toBeUndefined();
  });

  it('weighs nothing that is no probability', () => {
    expect(confidenceVote(['A', 'B'], [Infinity, 0.1])!.answer).toBe('B');
    expect(confidenceVote(['A', 'B'], [95, 0.1])!.answer).toBe('B');
    expect(() => confidenceVote(['A'], [])).toThrow(RangeError);
  });

  it('gives a winner that nobody outweighs, whatever the order', () => {
    const samples = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C', null), fc.option(fc.double({ min: 0, max: 1 }))), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(samples, (rows) => {
        const vote = confidenceVote(
          rows.map(([answer]) => answer),
          rows.map(([, confidence]) => confidence),
        );
        const reversed = confidenceVote(
          rows.toReversed().map(([answer]) => answer),
          rows.toReversed().map(([, confidence]) => confidence),
        );
        if (vote === undefined) {
          expect(reversed).toBeUndefined();
          return;
        }
        expect(vote.share).toBeGreaterThan(0);
        expect(vote.share).toBeLessThanOrEqual(1);
        const most = Math.max(...vote.tallies.map(({ weight }) => weight));
        expect(vote.share * vote.tallies.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(most, 9);
        expect(reversed!.share).toBeCloseTo(vote.share, 9);
      }),
    );
  });
});
