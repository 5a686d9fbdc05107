import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  pairedSequentialTest,
  type PairedSequentialOptions,
  type PairedSequentialState,
} from './paired-sequential-test.ts';
import { seededRandom } from './random.ts';

/** Pairs won, lost and tied, in an order that stops no test early. */
function pairs(benefits: number, harms: number, ties: number): [number[], number[]] {
  const treated: number[] = [];
  const control: number[] = [];
  const add = (first: number, second: number, count: number) => {
    for (let pair = 0; pair < count; pair += 1) {
      treated.push(first);
      control.push(second);
    }
  };
  add(1, 1, ties);
  for (let pair = 0; pair < Math.max(benefits, harms); pair += 1) {
    if (pair < harms) add(0, 1, 1);
    if (pair < benefits) add(1, 0, 1);
  }
  return [treated, control];
}

/** Plays pairs with a true effect until the test stops. */
function play(effect: number, discordance: number, seed: number, options: PairedSequentialOptions = {}) {
  const random = seededRandom(seed);
  const count = options.maximumPairs ?? 10_000;
  const treated = new Uint8Array(count);
  const control = new Uint8Array(count);
  for (let pair = 0; pair < count; pair += 1) {
    const drawn = random();
    if (drawn < (discordance + effect) / 2) treated[pair] = 1;
    else if (drawn < discordance) control[pair] = 1;
  }
  return pairedSequentialTest(treated, control, options);
}

describe('pairedSequentialTest', () => {
  it('equals the capitals written down independently in numpy', () => {
    // numpy 2.4.6 and scipy 1.17.1: 20 won, 8 lost, 72 tied; products over the pairs, bounds by scipy.optimize.brentq.
    const result = pairedSequentialTest(...pairs(20, 8, 72));
    expect(result.eValues.benefit).toBeCloseTo(5.1683463166059145, 9);
    expect(result.eValues.harm).toBeCloseTo(0.24135290437367354, 9);
    expect(result.eValues.futile).toBeCloseTo(0.28804146588172913, 9);
    expect(result.interval.low).toBeCloseTo(-0.0331347510007, 9);
    expect(result.interval.high).toBeCloseTo(0.2772680108545, 9);
    expect(result.effect).toBeCloseTo(0.12, 12);
    expect(result).toMatchObject({ verdict: 'undecided', stopped: false, pairs: 100 });
  });

  it('knows nothing before the first pair', () => {
    expect(pairedSequentialTest([], [])).toMatchObject({
      verdict: 'undecided',
      stopped: false,
      effect: undefined,
      interval: { low: -1, high: 1 },
      eValues: { benefit: 1, harm: 1, futile: 1 },
    });
  });

  it('stops at the first verdict, says it for ever, and counts nothing after', () => {
    const won = Array.from({ length: 40 }, () => 1);
    const lost = won.map(() => 0);
    const first = pairedSequentialTest(won, lost);
    expect(first.verdict).toBe('benefit');
    expect(first.stopped).toBe(true);
    expect(first.pairs).toBeLessThan(15);
    expect(first.interval.low).toBeGreaterThan(0);
    const after = pairedSequentialTest(lost, won, { state: first.state });
    expect(after).toEqual(first);
    expect(pairedSequentialTest(lost, won).verdict).toBe('harm');
    expect(pairedSequentialTest(lost, won).interval.high).toBeLessThan(0);
  });

  it('says futile when ties show that the effect is too small to matter', () => {
    const ties = Array.from({ length: 500 }, () => 1);
    const { verdict, interval, pairs: used } = pairedSequentialTest(ties, ties);
    expect(verdict).toBe('futile');
    expect(used).toBeLessThan(200);
    expect(interval.high).toBeLessThan(0.05);
    expect(interval.low).toBeLessThan(0);
  });

  it('tells harm from futility', () => {
    const results = Array.from({ length: 100 }, (_, run) => play(-0.15, 0.22, 9_000 + run));
    expect(results.filter(({ verdict }) => verdict === 'harm').length).toBeGreaterThan(90);
    expect(results.filter(({ verdict }) => verdict === 'benefit').length).toBeLessThanOrEqual(5);
  });

  it('stops without a verdict when its pairs are used up', () => {
    const result = pairedSequentialTest([1, 0, 1, 1], [0, 1, 1, 1], { maximumPairs: 3 });
    expect(result).toMatchObject({ verdict: 'undecided', stopped: true, pairs: 3 });
  });

  it('says benefit or harm in at most 5 % of runs each when there is no effect, looked at after every pair', () => {
    const runs = 400;
    const verdicts = Array.from(
      { length: runs },
      (_, run) => play(0, 0.3, run, { maximumPairs: 1_500, minimumEffect: 0.01 }).verdict,
    );
    const share = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length / runs;
    expect(share('benefit')).toBeLessThan(0.05);
    expect(share('harm')).toBeLessThan(0.05);
    // A fixed-time test looked at after every pair would be wrong in most of them; ours comes near what it is allowed.
    expect(share('benefit') + share('harm')).toBeGreaterThan(0.01);
  });

  it('says futile in at most 5 % of runs when the effect is just the minimum', () => {
    const runs = 300;
    const verdicts = Array.from(
      { length: runs },
      (_, run) => play(0.1, 0.22, 5_000 + run, { minimumEffect: 0.1, maximumPairs: 600 }).verdict,
    );
    expect(verdicts.filter((verdict) => verdict === 'futile').length / runs).toBeLessThan(0.05);
  });

  it('keeps its error when tasks differ and their order is not random', () => {
    // No pair has a positive expected difference, some have a negative one: never a benefit, mostly.
    const runs = 300;
    let wrong = 0;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run);
      const treated: number[] = [];
      const control: number[] = [];
      for (let pair = 0; pair < 600; pair += 1) {
        const discordance = pair % 100 < 50 ? 0.6 : 0.1;
        const effect = pair > 400 ? -0.1 : 0;
        const drawn = random();
        treated.push(drawn < (discordance + effect) / 2 ? 1 : 0);
        control.push(drawn >= (discordance + effect) / 2 && drawn < discordance ? 1 : 0);
      }
      if (pairedSequentialTest(treated, control).verdict === 'benefit') wrong += 1;
    }
    expect(wrong / runs).toBeLessThan(0.05);
  });

  // The design's table says 530, 130, 55 and 30 pairs: what a gambler who knows the effect needs (`pairsUntilEvidence`).
  it.each([
    [0.1, 100, 130, 210],
    [0.15, 200, 55, 90],
    [0.19, 300, 35, 62],
  ])(
    'shows an effect of %d (seeds from %i000) in %i to %i pairs on average, more than one who knows it',
    (effect, seed, least, most) => {
      const runs = 200;
      const results = Array.from({ length: runs }, (_, run) => play(effect, 0.22, seed * 1_000 + run));
      const mean = results.reduce((sum, result) => sum + result.pairs, 0) / runs;
      expect(mean).toBeGreaterThan(least);
      expect(mean).toBeLessThan(most);
      expect(results.filter(({ verdict }) => verdict === 'benefit').length / runs).toBeGreaterThan(0.95);
    },
  );

  it('goes on where it stopped, through JSON, however the pairs are cut', () => {
    const outcomes = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), { maxLength: 80 });
    fc.assert(
      fc.property(outcomes, fc.nat(80), fc.nat(80), (rows, first, second) => {
        const treated = rows.map(([outcome]) => outcome);
        const control = rows.map(([, outcome]) => outcome);
        const cuts = [0, ...[first, second].toSorted((a, b) => a - b), rows.length + 1];
        let state: PairedSequentialState | undefined;
        let last = pairedSequentialTest([], [], { error: 0.1 });
        for (let part = 0; part < 3; part += 1) {
          last = pairedSequentialTest(
            treated.slice(cuts[part], cuts[part + 1]),
            control.slice(cuts[part], cuts[part + 1]),
            state === undefined ? { error: 0.1 } : { state },
          );
          state = JSON.parse(JSON.stringify(last.state)) as PairedSequentialState;
        }
        expect(last).toEqual(pairedSequentialTest(treated, control, { error: 0.1 }));
      }),
    );
  });

  it('is mirrored when the arms change places, and gives finite numbers', () => {
    const outcomes = fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(outcomes, fc.integer(), (treated, seed) => {
        const random = seededRandom(seed);
        const control = treated.map(() => (random() < 0.5 ? 1 : 0));
        const plan = { error: 1e-9, minimumEffect: 0.1 };
        const there = pairedSequentialTest(treated, control, plan);
        const back = pairedSequentialTest(control, treated, plan);
        expect(back.eValues.harm).toBeCloseTo(there.eValues.benefit, 9);
        expect(back.interval.low).toBeCloseTo(-there.interval.high, 9);
        expect(there.interval.low).toBeLessThanOrEqual(there.effect ?? 2);
        expect(there.interval.high).toBeGreaterThanOrEqual(there.effect ?? -2);
        expect(Object.values(there.eValues).every((eValue) => Number.isFinite(eValue) && eValue >= 0)).toBe(true);
      }),
    );
  });

  it('counts a million pairs', () => {
    const pairsPlayed = new Uint8Array(1_000_000).fill(1);
    const result = pairedSequentialTest(pairsPlayed, pairsPlayed, { minimumEffect: 1e-6, maximumPairs: 1_000_000 });
    expect(result).toMatchObject({ pairs: 1_000_000, verdict: 'undecided', effect: 0 });
    expect(result.interval.high - result.interval.low).toBeLessThan(2e-4);
  });

  it('refuses outcomes that are not 0 or 1, unequal lengths, and plans that are none or that changed', () => {
    expect(() => pairedSequentialTest([0.5], [1])).toThrow(/treated\[0\] is 0.5/);
    expect(() => pairedSequentialTest([1, 0], [1])).toThrow(RangeError);
    expect(() => pairedSequentialTest([], [], { error: 0 })).toThrow(RangeError);
    expect(() => pairedSequentialTest([], [], { minimumEffect: 1 })).toThrow(RangeError);
    expect(() => pairedSequentialTest([], [], { maximumPairs: 0 })).toThrow(RangeError);
    const { state } = pairedSequentialTest([1], [0]);
    expect(() => pairedSequentialTest([1], [0], { state, error: 0.2 })).toThrow(/plan changed after looking/);
    expect(() => pairedSequentialTest([], [], { state: { ...state, harms: -1 } })).toThrow(RangeError);
  });
});
