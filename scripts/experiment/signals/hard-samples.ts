import {
  bandOutside,
  groupAdvantages,
  type PassHistory,
  passRateBand,
  recordPasses,
  startPassHistory,
} from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, logit, mean, sigmoid, type Draws } from './random.ts';
import type { Study } from './study.ts';

/** Chance that reasoning succeeds at the start, by level; the shortcut succeeds as rarely everywhere. */
const levels = { easy: 0.82, medium: 0.45, hard: 0.0001 } as const;
type Level = keyof typeof levels;
const shortcut = 0.06;
const startReason = 0.818;
const [steps, groups, groupSize, pilots] = [400, 16, 8, 16];
/** Chosen so that hard tasks alone do about the harm that the source's toy has. */
const rate = 0.3;

type Gate =
  | 'none'
  | 'zero-variance filter'
  | 'band of the same group'
  | 'band of a pilot of 16'
  | 'band of the history outside the group';
interface Arm {
  readonly data: string;
  readonly mix: readonly Level[];
  readonly normalise: boolean;
  readonly gate: Gate;
}

const hardOnly = { data: 'hard only', mix: ['hard'] } as const;
const mostlyHard = {
  data: 'three in four hard',
  mix: ['easy', 'medium', 'hard', 'hard', 'hard', 'hard', 'hard', 'hard'],
} as const;
const arms: readonly Arm[] = [
  { data: 'easy only', mix: ['easy'], normalise: true, gate: 'none' },
  { data: 'medium only', mix: ['medium'], normalise: true, gate: 'none' },
  { ...hardOnly, normalise: true, gate: 'none' },
  { ...hardOnly, normalise: false, gate: 'none' },
  { ...hardOnly, normalise: true, gate: 'zero-variance filter' },
  { ...hardOnly, normalise: true, gate: 'band of the same group' },
  { ...hardOnly, normalise: true, gate: 'band of a pilot of 16' },
  { ...hardOnly, normalise: true, gate: 'band of the history outside the group' },
  { ...mostlyHard, normalise: true, gate: 'none' },
  { ...mostlyHard, normalise: true, gate: 'band of the history outside the group' },
];

interface Skill {
  /** Logit of choosing to reason. */
  reason: number;
  /** Added to the logit of a reasoned success at every level. */
  skill: number;
}
interface Measured {
  readonly reason: number;
  readonly easy: number;
  readonly medium: number;
  /** Easy success every 20 steps. */
  readonly course: readonly number[];
}

export const hardSamples: Study = {
  name: 'hard-samples',
  title: 'Protection from overly hard samples',
  claim:
    'Tasks that are almost never solved teach the shortcut that sometimes works and unlearn what was known; a band on pass rates measured outside the trained group protects, dropping groups without variance does not.',
  source:
    'Cheng et al. 2026, arXiv:2605.28388 (the harm); Yu et al. 2025, arXiv:2503.14476 (the zero-variance filter); the toy is ours',
  run(seeds, tick) {
    const measured = arms.map((arm, at) =>
      seeds.map((seed, index) => {
        tick((at * seeds.length + index) / (arms.length * seeds.length));
        return train(arm, seed);
      }),
    );
    const base = success({ reason: logit(startReason), skill: 0 }, 'easy');
    const lost = (at: number): number[] => measured[at]!.map(({ easy }) => base - easy);
    const minus = (a: number, b: number): number[] => lost(a).map((value, index) => value - lost(b)[index]!);
    return {
      checks: [
        check('hard only, normalised: easy success lost', lost(2), '≥ 0.30', (_, { low }) => low >= 0.3),
        check('the deviation’s part of that loss', minus(2, 3), '> 0', (_, { low }) => low > 0),
        check('zero-variance filter: loss it adds', minus(4, 2), '≥ 0: does not help', (_, { low }) => low >= 0),
        check(
          'band of the same group: easy success lost',
          lost(5),
          '≥ 0.30: does not help',
          (_, { low }) => low >= 0.3,
        ),
        check('band of a pilot of 16: easy success lost', lost(6), '≤ 0.01', (_, { high }) => high <= 0.01),
        check(
          'band of the history outside the group: easy success lost',
          lost(7),
          '≤ 0.01',
          (_, { high }) => high <= 0.01,
        ),
        check(
          'three in four hard: easy success gained by that band',
          minus(8, 9),
          '≥ −0.01',
          (_, { low }) => low >= -0.01,
        ),
      ],
      tables: [
        {
          title: `After ${steps} steps of ${groups} groups of ${groupSize}; before: reasons ${startReason}, easy ${base.toFixed(3)}; means over seeds`,
          columns: ['trained on', 'advantages', 'gate', 'chooses to reason', 'easy', 'medium'],
          rows: arms.map(({ data, normalise, gate }, at) => [
            data,
            normalise ? 'divided by the deviation' : 'centred only',
            gate,
            ...(['reason', 'easy', 'medium'] as const).map((key) =>
              mean(measured[at]!.map((one) => one[key])).toFixed(3),
            ),
          ]),
        },
      ],
      plots: [
        {
          title: 'Success on easy tasks while training on hard ones only',
          x: 'step',
          y: 'easy success',
          series: [2, 3, 4, 5, 6, 7].map((at) => ({
            name:
              arms[at]!.gate === 'none' ? (arms[at]!.normalise ? 'no gate' : 'no gate, centred only') : arms[at]!.gate,
            points: measured[at]![0]!.course.map(
              (_, point) => [point * 20, mean(measured[at]!.map(({ course }) => course[point]!))] as const,
            ),
          })),
        },
      ],
      notes: [
        'A band is safe on hard tasks because it trains on nothing there; in a mixture it costs at most a point.',
        'A band on the group’s own pass rate keeps exactly the lucky groups, which are the harmful ones.',
        'A single pilot of 16 lets through one group in seventy of tasks that the shortcut solves in 1 % of tries, and ever more as the shortcut spreads; a history of many groups, decayed over policy versions, does not.',
      ],
    };
  },
};

const success = ({ reason, skill }: Skill, level: Level): number => {
  const chosen = sigmoid(reason);
  return chosen * sigmoid(logit(levels[level]) + skill) + (1 - chosen) * shortcut;
};

function train({ mix, normalise, gate }: Arm, seed: number): Measured {
  const draws = drawsFrom(seed);
  const state: Skill = { reason: logit(startReason), skill: 0 };
  const course: number[] = [];
  const histories = new Map(mix.map((level) => [level, pilotHistory(state, level, draws)]));
  for (let step = 0; step < steps; step += 1) {
    if (step % 20 === 0) course.push(success(state, 'easy'));
    const slope = { reason: 0, skill: 0, kept: 0 };
    for (let one = 0; one < groups; one += 1) {
      const level = mix[draws.index(mix.length)]!;
      const rollouts = Array.from({ length: groupSize }, () => roll(state, level, draws));
      const group = { groupId: `${step}/${one}`, policyVersion: step };
      const history = histories.get(level)!;
      if (gate === 'band of the history outside the group') {
        histories.set(
          level,
          recorded(history, { ...group, successes: wins(rollouts), trials: groupSize, isPilot: false }),
        );
      }
      if (!isKept(gate, rollouts, { state, level, draws, history, group })) continue;
      slope.kept += 1;
      const advantages = groupAdvantages(
        rollouts.map(({ won }) => Number(won)),
        { normalise },
      );
      rollouts.forEach(({ reasoned, won }, index) => {
        const advantage = advantages[index]! / groupSize;
        slope.reason += advantage * (Number(reasoned) - sigmoid(state.reason));
        if (reasoned) slope.skill += advantage * (Number(won) - sigmoid(logit(levels[level]) + state.skill));
      });
    }
    if (slope.kept === 0) continue;
    state.reason += (rate * slope.reason) / slope.kept;
    state.skill += (rate * slope.skill) / slope.kept;
  }
  course.push(success(state, 'easy'));
  return { reason: sigmoid(state.reason), easy: success(state, 'easy'), medium: success(state, 'medium'), course };
}

function roll(state: Skill, level: Level, draws: Draws): { reasoned: boolean; won: boolean } {
  const reasoned = draws.uniform() < sigmoid(state.reason);
  const chance = reasoned ? sigmoid(logit(levels[level]) + state.skill) : shortcut;
  return { reasoned, won: draws.uniform() < chance };
}

const wins = (rollouts: readonly { won: boolean }[]): number => rollouts.filter(({ won }) => won).length;

function pilotHistory(state: Skill, level: Level, draws: Draws): PassHistory {
  const successes = wins(Array.from({ length: pilots }, () => roll(state, level, draws)));
  const pilot = { groupId: 'pilot', policyVersion: 0, successes, trials: pilots, isPilot: true };
  return recordPasses(startPassHistory(level), pilot);
}

/** With the group, and without what is too old to count. */
function recorded(history: PassHistory, record: Parameters<typeof recordPasses>[1]): PassHistory {
  const fresh = history.records.filter(({ policyVersion }) => policyVersion > record.policyVersion - 60);
  return recordPasses({ ...history, records: fresh }, record);
}

interface Setting {
  readonly state: Skill;
  readonly level: Level;
  readonly draws: Draws;
  readonly history: PassHistory;
  readonly group: { readonly groupId: string; readonly policyVersion: number };
}

function isKept(gate: Gate, rollouts: readonly { won: boolean }[], setting: Setting): boolean {
  const { state, level, draws, history, group } = setting;
  const isInBand = (successes: number, trials: number): boolean => passRateBand(successes, trials).label === 'train';
  switch (gate) {
    case 'none':
      return true;
    case 'zero-variance filter':
      return wins(rollouts) > 0 && wins(rollouts) < rollouts.length;
    case 'band of the same group':
      return isInBand(wins(rollouts), rollouts.length);
    case 'band of a pilot of 16':
      return isInBand(wins(Array.from({ length: pilots }, () => roll(state, level, draws))), pilots);
    case 'band of the history outside the group':
      return bandOutside(history, group).label === 'train';
    default:
      return gate satisfies never;
  }
}
