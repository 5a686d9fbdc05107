import { effectiveDiversity, groupAdvantages, noveltyReward } from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, mean, softmaxInto } from './random.ts';
import type { Study } from './study.ts';

const forms = 60;
const classes = 15;
const groupSize = 16;
const steps = 600;
const rate = 0.5;
/** Samples that the diversity of a policy is measured on. */
const sampled = 32;

const classOf = (form: number): number => form % classes;
/** Half of the forms are broken, across all classes. */
const isValid = (form: number): boolean => Math.floor(form / classes) < 2;

interface Arm {
  readonly name: string;
  /** What a group of forms earns. */
  rewards(group: readonly number[]): readonly (number | null)[];
}

const divergent =
  (novelty: number): Arm['rewards'] =>
  (group) =>
    noveltyReward(
      group.map((form) => ({
        surfaceKey: String(form),
        semanticKey: String(classOf(form)),
        valid: isValid(form) ? 1 : 0,
      })),
      { domainKind: 'divergent', noveltyWeight: novelty },
    );

const arms: readonly Arm[] = [
  {
    name: 'convergent: two classes are right',
    rewards: (group) => group.map((form) => (isValid(form) && classOf(form) < 2 ? 1 : 0)),
  },
  { name: 'divergent, paid for quality only', rewards: divergent(0) },
  { name: 'divergent, novelty weight 0.5', rewards: divergent(0.5) },
  { name: 'divergent, novelty weight 1', rewards: divergent(1) },
];

interface Measured {
  readonly surface: number;
  readonly fixed: number;
  readonly pair: number;
  readonly validity: number;
}

export const diversityByDomain: Study = {
  name: 'diversity-by-domain',
  title: 'Diversity judged by what the domain rewards',
  claim:
    'The same optimiser makes output narrower where one answer is right and wider where different answers are paid for; a divergent domain that pays for quality only collapses like a convergent one.',
  source: 'Shypula et al. 2025, arXiv:2504.12522 (metrics); the study is ours',
  run(seeds, tick) {
    const before = seeds.map((seed) => measure(startingLogits(seed), seed));
    const after = arms.map((arm, at) =>
      seeds.map((seed, index) => {
        tick((at * seeds.length + index) / (arms.length * seeds.length));
        return measure(tuned(arm, seed), seed);
      }),
    );
    const change = (at: number, key: keyof Measured, combine: (was: number, is: number) => number): number[] =>
      after[at]!.map((one, index) => combine(before[index]![key], one[key]));
    const row = (name: string, list: readonly Measured[]) => [
      name,
      ...(['surface', 'fixed', 'pair', 'validity'] as const).map((key) => mean(list.map((one) => one[key])).toFixed(3)),
    ];
    return {
      checks: [
        check(
          'convergent: distinct forms left, as a share of what there was',
          change(0, 'surface', (was, is) => is / was),
          '≤ 0.5',
          (_, { high }) => high <= 0.5,
        ),
        check(
          'divergent, quality only: the same',
          change(1, 'surface', (was, is) => is / was),
          '≤ 0.5: collapses too',
          (_, { high }) => high <= 0.5,
        ),
        check(
          'divergent, novelty weight 1: change of distinct forms',
          change(3, 'surface', (was, is) => is - was),
          '> 0',
          (_, { low }) => low > 0,
        ),
        check(
          'divergent, novelty weight 1: effective pairwise diversity, times what there was',
          change(3, 'pair', (was, is) => is / was),
          '≥ 2',
          (_, { low }) => low >= 2,
        ),
      ],
      tables: [
        {
          title: `${sampled} samples of the policy; means over seeds`,
          columns: ['policy', 'distinct forms', 'effective classes (fixed)', 'effective pairs', 'valid'],
          rows: [row('before', before), ...arms.map(({ name }, at) => row(name, after[at]!))],
        },
      ],
      plots: [
        {
          title: 'Effective pairwise diversity by the weight of novelty',
          x: 'novelty weight',
          y: 'effective pairs',
          series: [
            {
              name: 'divergent',
              points: [0, 0.5, 1].map((x, at) => [x, mean(after[at + 1]!.map(({ pair }) => pair))] as const),
            },
            { name: 'before', points: [0, 0.5, 1].map((x) => [x, mean(before.map(({ pair }) => pair))] as const) },
          ],
        },
      ],
      notes: ['Raw distinctness counts broken output as variety; only the effective measures are alarmed on.'],
    };
  },
};

/** One dominant mode of three quarters, and a sixth of broken forms. */
function startingLogits(seed: number): Float64Array {
  const draws = drawsFrom(seed);
  return Float64Array.from(
    { length: forms },
    (_, form) => draws.normal() * 0.5 + (form === 0 ? 4.6 : 0) - (isValid(form) ? 0 : 0.4),
  );
}

function tuned({ rewards }: Arm, seed: number): Float64Array {
  const draws = drawsFrom(seed + 1);
  const logits = startingLogits(seed);
  const shares = new Float64Array(forms);
  for (let step = 0; step < steps; step += 1) {
    softmaxInto(shares, logits);
    const group = Array.from({ length: groupSize }, () => draws.choice(shares));
    const advantages = groupAdvantages(rewards(group));
    group.forEach((drawn, index) => {
      const weight = (rate * advantages[index]!) / groupSize;
      for (let form = 0; form < forms; form += 1) logits[form]! += weight * ((form === drawn ? 1 : 0) - shares[form]!);
    });
  }
  return logits;
}

function measure(logits: Float64Array, seed: number): Measured {
  const draws = drawsFrom(seed + 2);
  const shares = softmaxInto(new Float64Array(forms), logits);
  const rounds = Array.from({ length: 20 }, () => {
    const drawn = Array.from({ length: sampled }, () => draws.choice(shares));
    const found = effectiveDiversity(
      drawn.map((form) => String(classOf(form))),
      drawn.map((form) => (isValid(form) ? 1 : 0)),
    );
    return {
      surface: new Set(drawn).size / sampled,
      fixed: found.fixed ?? 0,
      pair: found.effectivePairs ?? 0,
      validity: drawn.filter(isValid).length / sampled,
    };
  });
  const of = (key: keyof Measured): number => mean(rounds.map((round) => round[key]));
  return { surface: of('surface'), fixed: of('fixed'), pair: of('pair'), validity: of('validity') };
}
