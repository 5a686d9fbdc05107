import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { guardRareSuccess } from './guard-rare-success.ts';
import { bandOutside } from './outside-band.ts';
import { isRetired, passRateOutside, recordPasses, startPassHistory, type PassRecord } from './pass-history.ts';
import { passRateBand } from './pass-rate-band.ts';

function group(groupId: string, successes: number, trials: number, policyVersion = 0): PassRecord {
  return { groupId, policyVersion, successes, trials, isPilot: false };
}

function pilot(groupId: string, successes: number, trials = 16): PassRecord {
  return { ...group(groupId, successes, trials), isPilot: true };
}

function historyOf(...records: PassRecord[]) {
  return records.reduce(recordPasses, startPassHistory('task'));
}

describe('passRateOutside', () => {
  it('never counts the group that is to be judged, recorded or not', () => {
    const others = historyOf(group('a', 1, 8), group('b', 2, 8));
    const before = passRateOutside(others, { groupId: 'c', policyVersion: 0 });
    const after = passRateOutside(recordPasses(others, group('c', 8, 8)), { groupId: 'c', policyVersion: 0 });
    expect(before).toEqual({ groupId: 'c', successes: 3, trials: 16 });
    expect(after).toEqual(before);
  });

  it('is blind to the outcome of the group for any history', () => {
    const record = fc.record({ successes: fc.nat(8), policyVersion: fc.nat(5), isPilot: fc.boolean() });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), fc.nat(8), fc.nat(7), (rows, other, at) => {
        const records = rows.map((row, index) => ({ ...row, groupId: `${index}`, trials: 8 }));
        const judged = records[at % records.length]!;
        const changed = records.map((row) => (row === judged ? { ...row, successes: other } : row));
        expect(bandOutside(historyOf(...changed), judged)).toEqual(bandOutside(historyOf(...records), judged));
      }),
    );
  });

  it('counts a trial 0.9 for each policy version since, and leaves out later versions', () => {
    const history = historyOf(group('old', 8, 8, 3), group('new', 0, 8, 5), group('later', 8, 8, 6));
    const { successes, trials } = passRateOutside(history, { groupId: 'x', policyVersion: 5 });
    expect(successes).toBeCloseTo(8 * 0.81, 12);
    expect(trials).toBeCloseTo(8 * 0.81 + 8, 12);
    expect(passRateOutside(history, { groupId: 'x', policyVersion: 5 }, { decay: 0 })).toMatchObject({
      successes: 0,
      trials: 8,
    });
    expect(passRateOutside(history, { groupId: 'x', policyVersion: 5 }, { decay: 1 })).toMatchObject({
      successes: 8,
      trials: 16,
    });
  });

  it('does not depend on the order of records, and survives very old ones', () => {
    const records = [group('a', 3, 8, 0), group('b', 5, 8, 2), group('c', 1, 8, 900)];
    const of = (...rows: PassRecord[]) => bandOutside(historyOf(...rows), { groupId: 'x', policyVersion: 100_000 });
    expect(of(...records)).toEqual(of(...records.toReversed()));
    expect(of(...records)).toMatchObject({ label: 'unknown', passRate: undefined });
  });
});

describe('recordPasses', () => {
  it('leaves the history it was given alone, and can be repeated', () => {
    const empty = startPassHistory('task');
    const once = recordPasses(empty, group('a', 1, 8));
    expect(empty.records).toEqual([]);
    expect(recordPasses(once, group('a', 1, 8))).toBe(once);
    expect(JSON.parse(JSON.stringify(once))).toEqual(once);
  });

  it('refuses another result for a group it knows, and counts that cannot be', () => {
    const history = historyOf(group('a', 1, 8));
    expect(() => recordPasses(history, group('a', 2, 8))).toThrow(/group id of their own/u);
    expect(() => recordPasses(history, group('b', 9, 8))).toThrow(RangeError);
    expect(() => recordPasses(history, group('b', 1, 1.5))).toThrow(RangeError);
    expect(() => recordPasses(history, group('b', 1, 8, -1))).toThrow(RangeError);
  });
});

describe('isRetired', () => {
  it('takes two all-correct pilots in a row, whatever training groups lie between', () => {
    expect(isRetired(historyOf(pilot('a', 16)))).toBe(false);
    expect(isRetired(historyOf(pilot('a', 16), group('b', 3, 8), pilot('c', 16)))).toBe(true);
    expect(isRetired(historyOf(pilot('a', 16), pilot('b', 15), pilot('c', 16)))).toBe(false);
    expect(isRetired(historyOf(pilot('a', 16), pilot('b', 16), pilot('c', 15)))).toBe(false);
    expect(isRetired(historyOf(pilot('a', 16), pilot('b', 0, 0), pilot('c', 16)))).toBe(true);
    expect(isRetired(historyOf(group('a', 8, 8), group('b', 8, 8)))).toBe(false);
  });
});

describe('guardRareSuccess', () => {
  const hard = bandOutside(historyOf(pilot('a', 0)), { groupId: 'x', policyVersion: 0 });
  const fair = bandOutside(historyOf(pilot('a', 8)), { groupId: 'x', policyVersion: 0 });
  const unknown = bandOutside(historyOf(group('a', 0, 4)), { groupId: 'x', policyVersion: 0 });

  it('cuts positive advantages to 1 below the band and calls the success suspect', () => {
    expect(guardRareSuccess([2.4741739321, -0.35, 0.5], hard)).toEqual({
      advantages: [1, -0.35, 0.5],
      isSuccessSuspect: true,
    });
    expect(guardRareSuccess([2.47], hard, { largest: 0 }).advantages).toEqual([0]);
  });

  it('changes nothing inside the band, and where too little is known', () => {
    for (const band of [fair, unknown]) {
      expect(guardRareSuccess([2.47, -0.35], band)).toEqual({ advantages: [2.47, -0.35], isSuccessSuspect: false });
    }
  });

  it('takes only a band that was made outside the group', () => {
    // @ts-expect-error: a band of plain counts may hold the group's own outcome.
    expect(guardRareSuccess([1], passRateBand(4, 8)).isSuccessSuspect).toBe(false);
  });
});
