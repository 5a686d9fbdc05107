import {
  auroc,
  brierReward,
  brierScore,
  clippedPolicyLoss,
  clusterBootstrap,
  confidenceSequence,
  confidenceVote,
  decide,
  dispersionFilter,
  dispersionWeights,
  eBenjaminiHochberg,
  effectiveDiversity,
  expectedCalibrationError,
  exposureEffect,
  fitCalibrator,
  gateGroup,
  groupAdvantages,
  importanceWeights,
  klEstimate,
  leaveOneOutAdvantages,
  ngramJaccardDistance,
  noveltyReward,
  pairedSequentialTest,
  passRateBand,
  referenceMatrix,
  seededRandom,
  semanticClasses,
  shrinkEffects,
  splitWords,
  startPassHistory,
  stepAdvantages,
  tokenDispersion,
  weightedReferenceReward,
  wilsonInterval,
} from '@skillrl/signals';

import {
  plainAdvantages,
  plainCosines,
  plainExp,
  plainGroups,
  plainPairs,
  plainResamples,
  plainSquares,
} from './floors.ts';

/** A function, its input's size, and the least that any such function must do: read its numbers once and compute with them. */
export interface Case {
  readonly name: string;
  readonly size: number;
  readonly unit: string;
  run(): unknown;
  floor(): unknown;
}

/** Groups of 64, a million tokens, a hundred thousand outcomes or exposures; equal numbers each time. */
export function cases(): Case[] {
  const random = seededRandom(1);
  const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, random);
  const bits = (count: number, share: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => (random() < share ? 1 : 0));
  const names = (count: number, of: number): string[] =>
    Array.from({ length: count }, () => `w${Math.floor(of * random())}`);

  return [
    ...advantages(uniform, names),
    ...references(uniform),
    ...outcomes(uniform, bits, names),
    ...texts(uniform, names),
  ];
}

type Uniform = (count: number) => Float64Array;
type Bits = (count: number, share: number) => Uint8Array;
type Names = (count: number, of: number) => string[];

const million = 1_000_000;
const logprobs = (values: Float64Array): Float64Array => values.map((value) => -3 * value);

function advantages(uniform: Uniform, names: Names): Case[] {
  const [trainer, sampler] = [logprobs(uniform(million)), logprobs(uniform(million))];
  const groups = Array.from({ length: 2_000 }, () => [...uniform(64)].map((value) => Number(value < 0.4)));
  const rollouts = { size: 128_000, unit: 'rollouts' };
  const episodes = Array.from({ length: 64 }, () => ({ stateKeys: names(50, 200), rewards: uniform(50) }));
  const history = startPassHistory('task');
  const under = groups.map((rewards, index) => ({ groupId: `${index}`, policyVersion: 1, rewards, outcomes: rewards }));
  const tokens = { size: million, unit: 'tokens' };
  const plain = (): unknown => groups.map(plainAdvantages);
  return [
    {
      name: 'groupAdvantages',
      ...rollouts,
      run: () => groups.map((group) => groupAdvantages(group, { normalise: true })),
      floor: plain,
    },
    {
      name: 'leaveOneOutAdvantages',
      ...rollouts,
      run: () => groups.map((group) => leaveOneOutAdvantages(group)),
      floor: plain,
    },
    { name: 'gateGroup', ...rollouts, run: () => under.map((group) => gateGroup(group, { history })), floor: plain },
    {
      name: 'stepAdvantages',
      size: 3_200,
      unit: 'steps',
      run: () => stepAdvantages(episodes),
      floor: () => episodes.map(({ stateKeys }) => plainGroups(stateKeys)),
    },
    {
      name: 'importanceWeights',
      ...tokens,
      run: () => importanceWeights(trainer, sampler),
      floor: () => plainExp(trainer, sampler),
    },
    {
      name: 'clippedPolicyLoss',
      ...tokens,
      run: () => clippedPolicyLoss(trainer, sampler, 1),
      floor: () => plainExp(trainer, sampler),
    },
    { name: 'klEstimate', ...tokens, run: () => klEstimate(trainer, sampler), floor: () => plainExp(trainer, sampler) },
  ];
}

function references(uniform: Uniform): Case[] {
  const rows = Array.from({ length: 16 }, () => logprobs(uniform(million / 16)));
  const matrix = referenceMatrix(rows);
  const weights = dispersionWeights(tokenDispersion(matrix));
  const queries = [...uniform(10_000)].map((largest, index) => ({ id: `q${index}`, dispersion: { largest } }));
  const size = { size: million, unit: 'log-probabilities' };
  const plain = (): unknown => rows.map(plainSquares);
  return [
    { name: 'referenceMatrix', ...size, run: () => referenceMatrix(rows), floor: plain },
    { name: 'tokenDispersion + weights', ...size, run: () => dispersionWeights(tokenDispersion(matrix)), floor: plain },
    { name: 'weightedReferenceReward', ...size, run: () => weightedReferenceReward(matrix, weights), floor: plain },
    {
      name: 'dispersionFilter',
      size: 10_000,
      unit: 'queries',
      run: () => dispersionFilter(queries),
      floor: () => queries.map(({ dispersion }) => dispersion.largest).toSorted((a, b) => a - b),
    },
  ];
}

function outcomes(uniform: Uniform, bits: Bits, names: Names): Case[] {
  const count = 100_000;
  const [confidences, results] = [uniform(count), bits(count, 0.5)];
  const [shown, exposed, propensity] = [bits(count, 0.9), bits(count, 0.45), new Float64Array(count).fill(0.9)];
  const some = { confidences: confidences.subarray(0, 10_000), results: results.subarray(0, 10_000) };
  const paired = [...uniform(800)].map((value, index) => ({
    clusters: [`${index >> 2}`, `${index}`],
    value: Math.sign(value - 0.5),
  }));
  const effects = [...uniform(10_000)].map((estimate) => ({ estimate, standardError: 0.1 }));
  const eValues = [...uniform(count)].map((value) => 1 / (value + 1e-6));
  const table = {
    id: 't',
    actions: ['abstain', 'commit'],
    utilities: [
      [0, 0],
      [-1, 1],
    ],
  } as const;
  const [answers, stated] = [names(64, 5), [...uniform(64)]];
  const size = { size: count, unit: 'outcomes' };
  const plain = (): unknown => plainSquares(confidences);
  const times =
    (work: () => unknown): (() => void) =>
    () => {
      for (let time = 0; time < 1_000; time += 1) work();
    };
  return [
    {
      name: 'brierReward',
      ...size,
      run: () => confidences.map((q, index) => brierReward(results[index]!, q) ?? 0),
      floor: () => confidences.map((q, index) => results[index]! - (q - results[index]!) ** 2),
    },
    { name: 'brierScore', ...size, run: () => brierScore(confidences, results), floor: plain },
    {
      name: 'expectedCalibrationError',
      ...size,
      run: () => expectedCalibrationError(confidences, results),
      floor: plain,
    },
    { name: 'auroc', ...size, run: () => auroc(confidences, results), floor: () => confidences.toSorted() },
    {
      name: 'fitCalibrator',
      size: 10_000,
      unit: 'outcomes',
      run: () => fitCalibrator(some.confidences, some.results, { policyVersion: 'p' }),
      floor: () => some.confidences.toSorted(),
    },
    {
      name: 'decide',
      size: 1_000,
      unit: 'decisions',
      run: times(() => decide(table, [0.4, 0.6])),
      floor: times(() => Math.max(0, -0.4 + 0.6)),
    },
    {
      name: 'confidenceVote',
      size: 1_000,
      unit: 'votes of 64',
      run: times(() => confidenceVote(answers, stated)),
      floor: times(() => plainGroups(answers)),
    },
    {
      name: 'passRateBand',
      size: 1_000,
      unit: 'bands',
      run: times(() => passRateBand(3, 16)),
      floor: times(() => Math.sqrt(3 / 16)),
    },
    {
      name: 'exposureEffect',
      size: count,
      unit: 'exposures',
      run: () => exposureEffect({ shown, propensity, outcome: exposed }),
      floor: () => plainSquares(propensity),
    },
    {
      name: 'pairedSequentialTest',
      size: count,
      unit: 'pairs',
      run: () => pairedSequentialTest(shown, shown),
      floor: () => plainSquares(propensity),
    },
    { name: 'confidenceSequence', ...size, run: () => confidenceSequence(confidences), floor: plain },
    {
      name: 'clusterBootstrap, 2,000 draws',
      size: 800,
      unit: 'pairs of 200 houses',
      run: () => clusterBootstrap(paired),
      floor: () => plainResamples(paired.map(({ value }) => value)),
    },
    {
      name: 'wilsonInterval',
      size: 1_000,
      unit: 'intervals',
      run: times(() => wilsonInterval(3, 16)),
      floor: times(() => Math.sqrt(3 / 16)),
    },
    {
      name: 'shrinkEffects',
      size: 10_000,
      unit: 'effects',
      run: () => shrinkEffects(effects),
      floor: () => effects.map(({ estimate }) => estimate / 2),
    },
    {
      name: 'eBenjaminiHochberg',
      size: count,
      unit: 'e-values',
      run: () => eBenjaminiHochberg(eValues),
      floor: () => eValues.toSorted((a, b) => b - a),
    },
  ];
}

function texts(uniform: Uniform, names: Names): Case[] {
  const words = Array.from({ length: 64 }, () => splitWords(names(100, 200).join(' ')));
  const vectors = Array.from({ length: 64 }, () => [...uniform(256)].map((value) => value - 0.5));
  const keys = names(64, 10);
  const rollouts = keys.map((semanticKey, index) => ({ surfaceKey: `${index % 20}`, semanticKey, valid: 1 }));
  return [
    {
      name: 'ngramJaccardDistance',
      size: 64,
      unit: 'texts of 100 words',
      run: () => ngramJaccardDistance(words, 2),
      floor: () => plainPairs(words),
    },
    {
      name: 'semanticClasses',
      size: 64,
      unit: 'embeddings of 256',
      run: () => semanticClasses(vectors),
      floor: () => plainCosines(vectors),
    },
    {
      name: 'effectiveDiversity',
      size: 64,
      unit: 'generations',
      run: () => effectiveDiversity(keys, new Uint8Array(64).fill(1)),
      floor: () => plainGroups(keys),
    },
    {
      name: 'noveltyReward',
      size: 64,
      unit: 'rollouts',
      run: () => noveltyReward(rollouts, { domainKind: 'divergent' }),
      floor: () => plainGroups(keys),
    },
  ];
}
