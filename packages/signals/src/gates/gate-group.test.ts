import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { gateGroup, type GateEvidence, type GateOptions, type GroupUnderGate } from './gate-group.ts';
import { recordPasses, startPassHistory } from './pass-history.ts';

function known(successes: number, trials: number, isPilot = true): GateEvidence {
  const record = { groupId: 'earlier', policyVersion: 0, successes, trials, isPilot };
  return { history: recordPasses(startPassHistory('task'), record) };
}

function groupOf(outcomes: readonly (number | null)[], more: Partial<GroupUnderGate> = {}): GroupUnderGate {
  return { groupId: 'group', policyVersion: 0, rewards: outcomes, outcomes, ...more };
}

function codes(group: GroupUnderGate, evidence: GateEvidence, options?: GateOptions): string[] {
  return gateGroup(group, evidence, options).reasons.map(({ code, effect }) => `${code} ${effect}`);
}

const one = groupOf([1, 0, 0, 0, 0, 0, 0, 0]);

describe('gateGroup', () => {
  it('lets an ordinary group through', () => {
    expect(gateGroup(one, known(8, 16))).toMatchObject({ train: true, weight: 1, suspects: [], reasons: [] });
  });

  it('trains on a task of which little is known with a low weight', () => {
    expect(gateGroup(one, known(1, 4))).toMatchObject({ train: true, weight: 0.5, band: { label: 'unknown' } });
    expect(gateGroup(one, { history: startPassHistory('new') }, { unknownWeight: 0.2 }).weight).toBe(0.2);
  });

  it('puts off a task that is too hard, and tells memory that its success is suspect', () => {
    const decision = gateGroup(one, known(0, 16));
    expect(decision).toMatchObject({ train: false, weight: 0, band: { label: 'too-hard', groupId: 'group' } });
    expect(decision.suspects).toEqual([{ rollout: 0, why: ['rare-success'] }]);
    expect(codes(one, known(0, 16))).toEqual(['too-hard rejects']);
    expect(gateGroup(one, known(0, 16), { tooHard: 'guard' })).toMatchObject({
      train: true,
      weight: 1,
      suspects: [{ rollout: 0 }],
    });
  });

  it('does not let a lucky group open its own gate', () => {
    const lucky = groupOf([1, 1, 1, 1, 0, 0, 0, 0]);
    const { history } = known(0, 16);
    const recorded = recordPasses(history, {
      groupId: 'group',
      policyVersion: 0,
      successes: 4,
      trials: 8,
      isPilot: false,
    });
    expect(gateGroup(lucky, { history: recorded })).toEqual(gateGroup(lucky, { history }));
    expect(gateGroup(lucky, { history: recorded }).train).toBe(false);
  });

  it('rejects easy and retired tasks but for the share kept as review', () => {
    expect(codes(one, known(7, 8), { reviewShare: 0 })).toEqual(['too-easy rejects']);
    expect(codes(one, known(7, 8), { reviewShare: 1 })).toEqual(['too-easy notes', 'review notes']);
    const retired = [1, 2].reduce(
      (history, index) =>
        recordPasses(history, { groupId: `p${index}`, policyVersion: 0, successes: 16, trials: 16, isPilot: true }),
      startPassHistory('task'),
    );
    expect(codes(one, { history: retired }, { reviewShare: 0 })).toEqual(['retired rejects', 'too-easy rejects']);
  });

  it('keeps about a tenth as review, the same groups each time', () => {
    const kept = (seed: number) =>
      Array.from(
        { length: 2_000 },
        (_, index) => gateGroup({ ...one, groupId: `group-${index}` }, known(8, 8), { seed }).train,
      );
    const share = kept(1).filter(Boolean).length / 2_000;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    expect(kept(1)).toEqual(kept(1));
    expect(kept(2)).not.toEqual(kept(1));
  });

  it('rejects a group without signal and a pilot', () => {
    expect(codes(groupOf([1, 1, 1, 1]), known(8, 16))).toEqual(['no-signal rejects']);
    expect(codes(groupOf([1, null, null]), known(8, 16))).toEqual(['no-signal rejects']);
    expect(codes(groupOf([]), known(8, 16))).toEqual(['no-signal rejects']);
    expect(codes({ ...one, isPilot: true }, known(8, 16))).toEqual(['pilot rejects']);
  });

  it('combines all reasons, from references and alarms too', () => {
    const evidence: GateEvidence = {
      ...known(0, 16),
      dispersion: { keep: false },
      knowledge: { keep: false },
      lengths: { alarm: 'sudden', median: 40, trailingMean: 500 },
      repetition: { alarm: true, answer: '40', share: 0.6, tasks: 20 },
    };
    const group = groupOf([1, 1, 0], { answers: ['40', '7', '40'] });
    const decision = gateGroup(group, evidence);
    expect(decision.reasons.map(({ code }) => code)).toEqual([
      'too-hard',
      'low-dispersion',
      'beyond-knowledge',
      'length-collapsed',
      'answer-repeated',
    ]);
    expect(decision.suspects).toEqual([
      { rollout: 0, why: ['rare-success', 'answer-repeated', 'length-collapsed'] },
      { rollout: 1, why: ['rare-success', 'length-collapsed'] },
    ]);
    expect(decision.reasons.every(({ text }) => text.endsWith('.'))).toBe(true);
  });

  it('asks for no band where there is no success to speak of', () => {
    const rewards = [-0.4, -0.9, -0.1, -0.5];
    const decision = gateGroup(
      { groupId: 'g', policyVersion: 0, rewards },
      { ...known(0, 16), dispersion: { keep: true } },
    );
    expect(decision).toEqual({ groupId: 'g', train: true, weight: 1, band: undefined, suspects: [], reasons: [] });
  });

  it('trains exactly when no reason rejects, with a weight in [0, 1]', () => {
    const outcome = fc.constantFrom(0, 1, null);
    fc.assert(
      fc.property(
        fc.array(outcome),
        fc.nat(16),
        fc.boolean(),
        fc.constantFrom('put-off', 'guard'),
        (outcomes, successes, isPilot, tooHard) => {
          const decision = gateGroup(groupOf(outcomes, { isPilot }), known(successes, 16), { tooHard });
          expect(decision.train).toBe(decision.reasons.every(({ effect }) => effect !== 'rejects'));
          expect(decision.train ? decision.weight > 0 : decision.weight === 0).toBe(true);
          expect(decision.suspects.every(({ rollout }) => outcomes[rollout] === 1)).toBe(true);
        },
      ),
    );
  });

  it.each<[GroupUnderGate, GateOptions]>([
    [groupOf([1, 2]), {}],
    [groupOf([1, 0], { outcomes: [1] }), {}],
    [groupOf([1, 0], { answers: ['x'] }), {}],
    [groupOf([1, 0], { rewards: [1, Number.NaN] }), {}],
    [groupOf([1, 0]), { unknownWeight: 2 }],
    [groupOf([1, 0]), { reviewShare: -1 }],
    [groupOf([1, 0]), { tooHard: 'ignore' as never }],
  ])('refuses %o with %o', (group, options) => {
    expect(() => gateGroup(group, known(8, 16), options)).toThrow(RangeError);
  });
});
