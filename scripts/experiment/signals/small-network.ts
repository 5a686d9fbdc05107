import type { Draws } from './random.ts';
import { softmaxInto } from './random.ts';

/** A dense layer, row-major `outputs × inputs`, bias last in each row, with Adam's moments. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** A classifier of two hidden layers of rectified units, trained by Adam on weighted cross-entropy. */
export interface SmallNetwork {
  /** Class probabilities of one example; the array is reused by the next call. */
  probabilities(features: Float64Array): Float64Array;
  /** Values of the last hidden layer; the array is reused by the next call. */
  hidden(features: Float64Array): Float64Array;
  /** One step on a batch. @param weights - one a class, applied to the loss of the class's examples. */
  learn(batch: readonly (readonly [Float64Array, number])[], weights: readonly number[], rate: number): void;
}

export function smallNetwork(sizes: readonly number[], draws: Draws): SmallNetwork {
  const layers = sizes.slice(1).map((outputs, index) => layer(sizes[index]!, outputs, draws));
  const values = sizes.map((size) => new Float64Array(size));
  const errors = sizes.map((size) => new Float64Array(size));
  const probabilities = new Float64Array(sizes.at(-1)!);
  let step = 0;

  function forward(features: Float64Array): void {
    values[0]!.set(features);
    layers.forEach(({ inputs, outputs, weights }, depth) => {
      const [from, to] = [values[depth]!, values[depth + 1]!];
      const isLast = depth === layers.length - 1;
      for (let output = 0; output < outputs; output += 1) {
        const row = output * (inputs + 1);
        let sum = weights[row + inputs]!;
        for (let input = 0; input < inputs; input += 1) sum += weights[row + input]! * from[input]!;
        to[output] = isLast ? sum : Math.max(0, sum);
      }
    });
    softmaxInto(probabilities, values.at(-1)!);
  }

  function backward(label: number, weight: number): void {
    const last = errors.at(-1)!;
    for (let index = 0; index < last.length; index += 1)
      last[index] = weight * (probabilities[index]! - (index === label ? 1 : 0));
    for (let depth = layers.length - 1; depth >= 0; depth -= 1) {
      const { inputs, outputs, weights, gradient } = layers[depth]!;
      const [from, error, before] = [values[depth]!, errors[depth + 1]!, errors[depth]!];
      before.fill(0);
      for (let output = 0; output < outputs; output += 1) {
        const row = output * (inputs + 1);
        const value = error[output]!;
        for (let input = 0; input < inputs; input += 1) {
          gradient[row + input]! += value * from[input]!;
          if (from[input]! > 0) before[input]! += value * weights[row + input]!;
        }
        gradient[row + inputs]! += value;
      }
    }
  }

  return {
    probabilities(features) {
      forward(features);
      return probabilities;
    },
    hidden(features) {
      forward(features);
      return values.at(-2)!;
    },
    learn(batch, weights, rate) {
      for (const { gradient } of layers) gradient.fill(0);
      for (const [features, label] of batch) {
        forward(features);
        backward(label, weights[label]! / batch.length);
      }
      step += 1;
      for (const one of layers) adam(one, rate, step);
    },
  };
}

function layer(inputs: number, outputs: number, draws: Draws): Layer {
  const size = outputs * (inputs + 1);
  const weights = Float64Array.from({ length: size }, (_, index) =>
    index % (inputs + 1) === inputs ? 0 : draws.normal() * Math.sqrt(2 / inputs),
  );
  const zeros = (): Float64Array => new Float64Array(size);
  return { inputs, outputs, weights, gradient: zeros(), first: zeros(), second: zeros() };
}

/** Kingma & Ba 2015, with the usual 0.9, 0.999 and 1e-8. */
function adam({ weights, gradient, first, second }: Layer, rate: number, step: number): void {
  const [correctFirst, correctSecond] = [1 - 0.9 ** step, 1 - 0.999 ** step];
  for (let index = 0; index < weights.length; index += 1) {
    const slope = gradient[index]!;
    first[index] = 0.9 * first[index]! + 0.1 * slope;
    second[index] = 0.999 * second[index]! + 0.001 * slope * slope;
    weights[index]! -= (rate * (first[index]! / correctFirst)) / (Math.sqrt(second[index]! / correctSecond) + 1e-8);
  }
}
