import { auroc, brierReward, brierScore, expectedCalibrationError } from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, mean, softmaxInto, type Draws } from './random.ts';
import type { Study } from './study.ts';

const states = 40;
const answers = 6;
const levels = 11;
const groupSize = 32;
const steps = 4_000;
/**
 * Learning rates. The answers learn slowly beside the confidences: the claim is about the optimum, and a policy that has settled on an answer
 * before it knows how sure to be of the others no longer tries them.
 */
const rates = { answer: 0.15, confidence: 3 };

/** `y − weight · (q − y)²`, or the logarithmic score, or correctness alone. */
const arms = {
  'correctness alone': (y: number) => y,
  'Brier, weight 1': (y: number, q: number) => brierReward(y, q) ?? 0,
  'Brier, weight 2': (y: number, q: number) => brierReward(y, q, { brier: 2 }) ?? 0,
  'logarithmic score': (y: number, q: number) => y + Math.log(Math.max(1e-3, y === 1 ? q : 1 - q)),
} as const;
type Arm = keyof typeof arms;

interface Measured {
  readonly accuracy: number;
  readonly confidence: number;
  readonly brier: number;
  readonly ece: number;
  readonly auroc: number;
  /** Probability of the answer that is known to be wrong, in states where every answer is doubtful. */
  readonly knownWrong: number;
  readonly eceBySteps: readonly (readonly [number, number])[];
}

/** Chance of the best answer in a state: 0.15 to 0.95. */
const chanceOfBest = (state: number): number => 0.15 + (0.8 * state) / (states - 1);
/** Chances of the answers, the best first and the known-wrong one last. */
const shares = [1, 0.7, 0.5, 0.3, 0.1, 0];

export const stateConfidence: Study = {
  name: 'state-confidence',
  title: 'A Brier-scored reward',
  claim:
    'Rewarding correctness minus the squared error of the stated confidence makes the confidence calibrated and costs no accuracy, as long as the Brier term weighs no more than correctness.',
  source:
    'Damani et al. 2025, arXiv:2507.16806 (RLCR); the bound on the weight is derived in docs/concepts/learning-signals.md',
  run(seeds, tick) {
    const names = Object.keys(arms) as Arm[];
    const measured = new Map(
      names.map((arm, at) => [
        arm,
        seeds.map((seed, index) => {
          tick((at * seeds.length + index) / (names.length * seeds.length));
          return learn(arm, seed);
        }),
      ]),
    );
    const of = (arm: Arm, key: Exclude<keyof Measured, 'eceBySteps'>): number[] =>
      measured.get(arm)!.map((one) => one[key]);
    const paired = (key: Exclude<keyof Measured, 'eceBySteps'>, combine: (plain: number, scored: number) => number) =>
      of('correctness alone', key).map((plain, index) => combine(plain, of('Brier, weight 1', key)[index]!));
    return {
      checks: [
        check(
          'calibration error without the Brier term, divided by the one with it',
          paired('ece', (a, b) => a / b),
          '≥ 3',
          (_, { low }) => low >= 3,
        ),
        check(
          'accuracy lost to the Brier term',
          paired('accuracy', (a, b) => a - b),
          '≤ 0.01',
          (_, { high }) => high <= 0.01,
        ),
        ...(['Brier, weight 2', 'logarithmic score'] as const).map((arm) =>
          check(
            `${arm}: share of knowingly wrong answers where all are doubtful`,
            of(arm, 'knownWrong'),
            '≥ 0.05: breaks the bound',
            (_, { low }) => low >= 0.05,
          ),
        ),
        check(
          'Brier, weight 1: the same share',
          of('Brier, weight 1', 'knownWrong'),
          '≤ 0.05: keeps it',
          (_, { high }) => high <= 0.05,
        ),
      ],
      tables: [
        {
          title: `After ${steps} steps; means over seeds; the best possible accuracy is ${mean(Array.from({ length: states }, (_, state) => chanceOfBest(state))).toFixed(3)}`,
          columns: ['reward', 'accuracy', 'confidence', 'Brier score', 'calibration error', 'AUROC', 'knowingly wrong'],
          rows: names.map((arm) => [
            arm,
            ...(['accuracy', 'confidence', 'brier', 'ece', 'auroc', 'knownWrong'] as const).map((key) =>
              mean(of(arm, key)).toFixed(3),
            ),
          ]),
        },
      ],
      plots: [
        {
          title: 'Calibration error while learning (first seed)',
          x: 'step',
          y: 'calibration error',
          series: names.map((name) => ({ name, points: measured.get(name)![0]!.eceBySteps })),
        },
      ],
      notes: [
        'In states where even the best answer is right less often than 1 − 1/b, a Brier weight b above 1 pays more for a sure mistake than for an honest try.',
      ],
    };
  },
};

/** A softmax policy over answers, and over levels of confidence given the answer; mean-centred group advantages, no deviation. */
function learn(arm: Arm, seed: number): Measured {
  const draws = drawsFrom(seed);
  const reward: (y: number, q: number) => number = arms[arm];
  const answerLogits = Float64Array.from({ length: states * answers }, () => 0.1 * draws.normal());
  // Over-confident to begin with: mean 0.64.
  const levelLogits = Float64Array.from(
    { length: states * answers * levels },
    (_, at) => 1.7 * ((at % levels) / (levels - 1)),
  );
  const eceBySteps: (readonly [number, number])[] = [];
  const answerShares = new Float64Array(answers);
  const levelShares = Array.from({ length: answers }, () => new Float64Array(levels));
  const [chosen, level, gained] = [new Int32Array(groupSize), new Int32Array(groupSize), new Float64Array(groupSize)];
  const advantageOf = new Float64Array(answers);

  for (let step = 0; step < steps; step += 1) {
    if (step % 200 === 0) eceBySteps.push([step, evaluate(answerLogits, levelLogits, drawsFrom(seed + 1), 4_000).ece]);
    for (let state = 0; state < states; state += 1) {
      const [answerStart, levelStart] = [state * answers, state * answers * levels];
      softmaxInto(answerShares, answerLogits, answerStart);
      for (let answer = 0; answer < answers; answer += 1)
        softmaxInto(levelShares[answer]!, levelLogits, levelStart + answer * levels);
      let total = 0;
      for (let one = 0; one < groupSize; one += 1) {
        const answer = (chosen[one] = draws.choice(answerShares));
        const at = (level[one] = draws.choice(levelShares[answer]!));
        const y = draws.uniform() < chanceOfBest(state) * shares[answer]! ? 1 : 0;
        total += gained[one] = reward(y, at / (levels - 1));
      }
      // Σ advantage · (1[chosen] − share): over answers the advantages sum to 0, over the levels of one answer they need not.
      advantageOf.fill(0);
      for (let one = 0; one < groupSize; one += 1) {
        const advantage = (gained[one]! - total / groupSize) / groupSize;
        const answer = chosen[one]!;
        answerLogits[answerStart + answer]! += rates.answer * advantage;
        levelLogits[levelStart + answer * levels + level[one]!]! += rates.confidence * advantage;
        advantageOf[answer]! += advantage;
      }
      for (let answer = 0; answer < answers; answer += 1)
        for (let at = 0; at < levels; at += 1)
          levelLogits[levelStart + answer * levels + at]! -=
            rates.confidence * advantageOf[answer]! * levelShares[answer]![at]!;
    }
  }
  return { ...evaluate(answerLogits, levelLogits, drawsFrom(seed + 1), 20_000), eceBySteps };
}

function evaluate(
  answerLogits: Float64Array,
  levelLogits: Float64Array,
  draws: Draws,
  plays: number,
): Omit<Measured, 'eceBySteps'> {
  const [answerShares, levelShares] = [new Float64Array(answers), new Float64Array(levels)];
  const confidences: number[] = [];
  const outcomes: number[] = [];
  for (let play = 0; play < plays; play += 1) {
    const state = play % states;
    const answer = draws.choice(softmaxInto(answerShares, answerLogits, state * answers));
    softmaxInto(levelShares, levelLogits, (state * answers + answer) * levels);
    confidences.push(draws.choice(levelShares) / (levels - 1));
    outcomes.push(draws.uniform() < chanceOfBest(state) * shares[answer]! ? 1 : 0);
  }
  const doubtful = Array.from({ length: states }, (_, state) => state).filter((state) => chanceOfBest(state) < 0.27);
  return {
    accuracy: mean(outcomes),
    confidence: mean(confidences),
    brier: brierScore(confidences, outcomes) ?? 0,
    ece: expectedCalibrationError(confidences, outcomes) ?? 0,
    auroc: auroc(confidences, outcomes) ?? 0.5,
    knownWrong: mean(doubtful.map((state) => softmaxInto(answerShares, answerLogits, state * answers)[answers - 1]!)),
  };
}
