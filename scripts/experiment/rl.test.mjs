import { describe, expect, it } from 'vitest';

import { firstReached } from './rl/first-reached.ts';
import { heldOutLines, heldOutRows } from './rl/held-out-rows.ts';
import { inPoints, overSeeds } from './rl/over-seeds.ts';
import { recalibrated, statedChances, truthOf } from './rl/stated-chances.ts';
import { studyHelp, studyOptions } from './rl/study-options.ts';

describe('the options of a study', () => {
  it('are those of a real one where nothing is said, and few of everything with --quick', () => {
    expect(studyOptions([], { seeds: 4 })).toMatchObject({
      quick: false,
      seeds: [1, 2, 3, 4],
      plays: 3,
      games: 'official',
    });
    expect(studyOptions(['--quick'], { seeds: 4, plays: 6 })).toMatchObject({ quick: true, seeds: [1, 2], plays: 2 });
    expect(studyOptions(['--quick', '--seeds', '7', '--plays', '1'], { seeds: 4 })).toMatchObject({
      seeds: [7],
      plays: 1,
    });
  });

  it('are listed by --help, every one of them', () => {
    expect(studyOptions(['--help'], { seeds: 4 })).toBe('help');
    for (const option of [
      'quick',
      'seeds',
      'games',
      'data',
      'panel-seed',
      'plays',
      'iterations',
      'workers',
      'trainer',
      'folder',
      'json',
    ])
      expect(studyHelp('rl', 'what it does', { seeds: 4 })).toContain(`  --${option}`);
  });

  it.each([['--seeds', 'one'], ['--games', 'chess'], ['--plays', '0'], ['--iterations', '1.5'], ['--other']])(
    'are refused: %s %s',
    (...args) => {
      expect(() => studyOptions(args, { seeds: 4 })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    },
  );
});

describe('firstReached', () => {
  const curve = [0.4, 0.4, 0.7, 0.4, 0.6, 0.6, 0.6].map((value, index) => ({ at: 3 * index, value }));
  it('reads a smoothed curve, straight between points, and never one noisy point', () => {
    // Means of three: 0.4, 0.5, 0.5, 0.5667, 0.5333, 0.6, 0.6.
    expect(firstReached(curve, 0.55)).toBeCloseTo(6 + 3 * 0.75, 9);
    expect(firstReached(curve, 0.4)).toBe(0);
    expect(firstReached(curve, 0.65)).toBeUndefined();
    expect(firstReached([], 0.5)).toBeUndefined();
  });
});

describe('a mean over seeds', () => {
  it('has Student’s interval, and none for one seed', () => {
    // 0.1 ± 4.303 · 0.05 / √3.
    const three = overSeeds([0.05, 0.1, 0.15]);
    expect(three.mean).toBeCloseTo(0.1, 12);
    expect(three.interval.low).toBeCloseTo(-0.0242, 4);
    expect(inPoints(overSeeds([-0.02]))).toBe('−2.0 points [−2.0, −2.0], 1 seed, no interval');
  });
});

describe('what runs gained on the held-out games', () => {
  /** @param {number} iteration @param {string} side @param {number} success */
  const point = (iteration, side, success) => ({ iteration, side, success, within: { 20: success / 2 }, steps: 30 });
  /** @param {object[]} curve @returns {any} */
  const run = (curve) => ({
    arm: 'a',
    seed: 1,
    report: { curve, episodes: 128, durationsMs: [{ part: 'p', ms: 60_000 }] },
  });
  it('is counted from the one start that both sides have', () => {
    const rows = heldOutRows(run([point(0, 'none', 0.4), point(2, 'none', 0.5), point(2, 'entries', 0.7)]));
    expect(rows.map(({ side, gain }) => [side, gain])).toEqual([
      ['none', expect.closeTo(0.1, 12)],
      ['entries', expect.closeTo(0.3, 12)],
    ]);
    expect(heldOutLines(rows).join('\n')).toMatch(/a, with the bank +1 +128 +40\.0 +70\.0 +30\.0/);
  });

  it('is nothing of a run that was not brought to its end', () => {
    expect(heldOutRows(run([point(0, 'none', 0.4)]))).toEqual([]);
    expect(heldOutRows(run([]))).toEqual([]);
  });
});

describe('stated chances', () => {
  /** @param {number | undefined} confidence @param {boolean} won @returns {any} */
  const play = (confidence, won) => ({
    calls: [{ confidence }],
    outcome: { status: won ? 'success' : 'failure' },
  });

  it('are of the plays that stated one, and were won or lost', () => {
    const plays = [
      play(0.5, true),
      play(0.5, false),
      play(undefined, true),
      { ...play(0.9, true), outcome: undefined },
    ];
    expect(statedChances(plays)).toEqual({ stated: [0.5, 0.5], won: [1, 0] });
    expect(truthOf(statedChances([]))).toBeUndefined();
  });

  it('become true when they are recalibrated on other plays, in which all stated too much alike', () => {
    /** @param {number} count */
    const all = (count) => Array.from({ length: count }, (_, index) => play(0.9, index % 2 === 0));
    const [fitted, tested] = [statedChances(all(200)), statedChances(all(100))];
    expect(truthOf(tested)?.ece).toBeCloseTo(0.4, 9);
    expect(truthOf(recalibrated(fitted, tested))?.ece).toBeLessThan(0.02);
  });
});
