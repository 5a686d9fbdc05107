import { exPostProbabilities } from '@skillrl/signals';

import { drawsFrom, mean, softmaxInto, type Draws } from './random.ts';
import { check } from './check.ts';
import { smallNetwork, type SmallNetwork } from './small-network.ts';
import type { Study } from './study.ts';

type Example = readonly [Float64Array, number];

const classes = 6;
const inputs = 20;
const [trainCount, testCount] = [2_000, 8_000];
/** Weights of class 0 that are tried. */
const dearnesses = [5, 20, 50];

interface Measured {
  readonly lossTrained: number;
  readonly lossExPost: number;
  readonly utilityTrained: number;
  readonly utilityExPost: number;
  readonly utilityRaw: number;
  readonly probeSymmetric: number;
  readonly probeWeighted: number;
}

export const decideAfterwards: Study = {
  name: 'decide-afterwards',
  title: 'Train symmetric, decide afterwards',
  claim:
    'A loss weighted by what mistakes cost makes a model that learns less; one trained without weights and re-weighted afterwards is better even on the weighted objective.',
  source: 'Autor, Caplin, Martin, Marx 2025, arXiv:2511.07699',
  run(seeds, tick) {
    const measured = dearnesses.map((dearness, at) =>
      seeds.map((seed, index) => {
        tick((at * seeds.length + index) / (dearnesses.length * seeds.length));
        return measure(dearness, seed);
      }),
    );
    const of = (key: keyof Measured, at: number): number[] => measured[at]!.map((one) => one[key]);
    const shown = (key: keyof Measured, at: number): string => mean(of(key, at)).toFixed(3);
    const checks = dearnesses.flatMap((dearness, at) =>
      dearness < 20
        ? []
        : [
            check(
              `weight ${dearness}: weighted loss, trained with weights − re-weighted afterwards`,
              measured[at]!.map(({ lossTrained, lossExPost }) => lossTrained - lossExPost),
              'at least 7 of 8 seeds above 0',
              (values) => values.filter((value) => value > 0).length >= Math.ceil((7 / 8) * values.length),
            ),
            check(
              `weight ${dearness}: utility, re-weighted afterwards − trained with weights`,
              measured[at]!.map(({ utilityTrained, utilityExPost }) => utilityExPost - utilityTrained),
              'at least 7 of 8 seeds above 0',
              (values) => values.filter((value) => value > 0).length >= Math.ceil((7 / 8) * values.length),
            ),
            check(
              `weight ${dearness}: accuracy of a linear probe on the last layer, symmetric − weighted`,
              measured[at]!.map(({ probeSymmetric, probeWeighted }) => probeSymmetric - probeWeighted),
              '> 0',
              (_, { low }) => low > 0,
            ),
          ],
    );
    return {
      checks,
      tables: [
        {
          title: 'Six classes, the first one dear; means over seeds',
          columns: [
            'weight',
            'weighted loss: trained',
            'afterwards',
            'utility: trained',
            'afterwards',
            'no weights at all',
            'probe: symmetric',
            'weighted',
          ],
          rows: dearnesses.map((dearness, at) => [
            dearness,
            shown('lossTrained', at),
            shown('lossExPost', at),
            shown('utilityTrained', at),
            shown('utilityExPost', at),
            shown('utilityRaw', at),
            shown('probeSymmetric', at),
            shown('probeWeighted', at),
          ]),
        },
      ],
      plots: [
        {
          title: 'Utility by the weight of the dear class',
          x: 'weight',
          y: 'utility',
          series: (
            [
              ['trained with weights', 'utilityTrained'],
              ['re-weighted afterwards', 'utilityExPost'],
              ['symmetric, no decision layer', 'utilityRaw'],
            ] as const
          ).map(([name, key]) => ({ name, points: dearnesses.map((x, at) => [x, mean(of(key, at))] as const) })),
        },
      ],
      notes: ['Without the step afterwards the symmetric model decides worst: the decision layer is not optional.'],
    };
  },
};

function measure(dearness: number, seed: number): Measured {
  const draws = drawsFrom(seed);
  const teacher = smallNetwork([inputs, 16, 16, classes], draws);
  const [training, test] = [examples(teacher, trainCount, draws), examples(teacher, testCount, draws)];
  const raw = [dearness, ...Array.from({ length: classes - 1 }, () => 1)];
  const weights = raw.map((weight) => weight / mean(raw));
  const start = seed * 2 + 1;
  const symmetric = trained(
    training,
    raw.map(() => 1),
    start,
  );
  const weighted = trained(training, weights, start);

  const total = { lossTrained: 0, lossExPost: 0, utilityTrained: 0, utilityExPost: 0, utilityRaw: 0, weight: 0 };
  for (const [features, label] of test) {
    const weight = weights[label]!;
    const trainedOn = [...weighted.probabilities(features)];
    const plain = [...symmetric.probabilities(features)];
    const afterwards = exPostProbabilities(plain, weights);
    total.weight += weight;
    total.lossTrained -= weight * Math.log(Math.max(1e-12, trainedOn[label]!));
    total.lossExPost -= weight * Math.log(Math.max(1e-12, afterwards[label]!));
    total.utilityTrained += weight * Number(largest(trainedOn) === label);
    total.utilityExPost += weight * Number(largest(afterwards) === label);
    total.utilityRaw += weight * Number(largest(plain) === label);
  }
  return {
    lossTrained: total.lossTrained / total.weight,
    lossExPost: total.lossExPost / total.weight,
    utilityTrained: total.utilityTrained / total.weight,
    utilityExPost: total.utilityExPost / total.weight,
    utilityRaw: total.utilityRaw / total.weight,
    probeSymmetric: probeAccuracy(symmetric, training, test),
    probeWeighted: probeAccuracy(weighted, training, test),
  };
}

/** Labels drawn from a random network's probabilities: nonlinear, and noisy enough that no model is sure. */
function examples(teacher: SmallNetwork, count: number, draws: Draws): Example[] {
  const sharpened = new Float64Array(classes);
  return Array.from({ length: count }, () => {
    const features = Float64Array.from({ length: inputs }, () => draws.normal());
    const logits = teacher.probabilities(features).map((share) => sharpness * Math.log(share));
    return [features, draws.choice(softmaxInto(sharpened, logits))] as const;
  });
}

/** Chosen so that a symmetric model is right about three times in four, as in the source's toy. */
const sharpness = 5;

function trained(training: readonly Example[], weights: readonly number[], seed: number): SmallNetwork {
  const draws = drawsFrom(seed);
  const network = smallNetwork([inputs, 32, 32, classes], draws);
  for (let step = 0; step < 300; step += 1) {
    const batch = Array.from({ length: 64 }, () => training[draws.index(training.length)]!);
    network.learn(batch, weights, 3e-3);
  }
  return network;
}

/** Accuracy on the test examples of a linear classifier of the last hidden layer, trained without weights. */
function probeAccuracy(network: SmallNetwork, training: readonly Example[], test: readonly Example[]): number {
  const draws = drawsFrom(7);
  const seen = (list: readonly Example[]): Example[] =>
    list.map(([features, label]) => [network.hidden(features).slice(), label]);
  const probe = smallNetwork([32, classes], draws);
  const hidden = seen(training);
  const equal = Array.from({ length: classes }, () => 1);
  for (let step = 0; step < 600; step += 1)
    probe.learn(
      Array.from({ length: 64 }, () => hidden[draws.index(hidden.length)]!),
      equal,
      1e-2,
    );
  const right = seen(test).filter(([features, label]) => largest(probe.probabilities(features)) === label);
  return right.length / test.length;
}

function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) if (values[index]! > values[best]!) best = index;
  return best;
}
