import { describe, expect, it } from 'vitest';

import { confidenceSequence } from './confidence-sequence.ts';
import { pairedSequentialTest } from './paired-sequential-test.ts';
import { seededRandom } from './random.ts';

/** Stated errors, each over a thousand runs that are looked at again and again. Shorter versions stand beside each function. */
describe('a thousand runs', () => {
  const runs = 1_000;
  const shareOf = (happens: (random: () => number) => boolean): number => {
    let count = 0;
    for (let run = 0; run < runs; run += 1) if (happens(seededRandom(run))) count += 1;
    return count / runs;
  };
  const pairs = (random: () => number, won: number, lost: number) => {
    const draws = Array.from({ length: 2_000 }, random);
    return pairedSequentialTest(
      draws.map((draw) => Number(draw < won)),
      draws.map((draw) => Number(draw >= won && draw < won + lost)),
    );
  };

  it('say benefit, or harm, in at most 5 % each where there is neither', () => {
    for (const verdict of ['benefit', 'harm'])
      expect(shareOf((random) => pairs(random, 0.11, 0.11).verdict === verdict)).toBeLessThanOrEqual(0.05);
  });

  it('say futile in at most 5 % where the effect is the least that matters, and benefit in most', () => {
    expect(shareOf((random) => pairs(random, 0.16, 0.11).verdict === 'futile')).toBeLessThanOrEqual(0.05);
    expect(shareOf((random) => pairs(random, 0.16, 0.11).verdict === 'benefit')).toBeGreaterThan(0.9);
  });

  it.each([0.02, 0.3, 0.5, 0.9])(
    'leave a mean of %f out of its sequence at any of forty looks in at most 5 %',
    (mean) => {
      const isEverWrong = (random: () => number): boolean => {
        let state: ReturnType<typeof confidenceSequence>['state'] | undefined;
        for (let look = 0; look < 40; look += 1) {
          const values = Array.from({ length: 25 }, () => Number(random() < mean));
          const seen = confidenceSequence(values, { state });
          if (mean < seen.interval.low || mean > seen.interval.high) return true;
          state = seen.state;
        }
        return false;
      };
      expect(shareOf(isEverWrong)).toBeLessThanOrEqual(0.05);
    },
  );
});
