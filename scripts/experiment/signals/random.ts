import { seededRandom } from '@skillrl/signals';

/** Draws that the studies share, all from one seeded stream. */
export interface Draws {
  uniform(): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
  /** Index in [0, count). */
  index(count: number): number;
  /** Index drawn with these probabilities, which sum to 1. */
  choice(probabilities: ArrayLike<number>): number;
}

export function drawsFrom(seed: number): Draws {
  const uniform = seededRandom(seed);
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    index: (count) => Math.floor(uniform() * count),
    choice(probabilities) {
      let left = uniform();
      for (let index = 0; index < probabilities.length - 1; index += 1) {
        left -= probabilities[index]!;
        if (left < 0) return index;
      }
      return probabilities.length - 1;
    },
  };
}

/** Softmax of a row of logits, written into `out`. */
export function softmaxInto(out: Float64Array, logits: Float64Array, start = 0): Float64Array {
  let most = -Infinity;
  for (let index = 0; index < out.length; index += 1) most = Math.max(most, logits[start + index]!);
  let sum = 0;
  for (let index = 0; index < out.length; index += 1) sum += out[index] = Math.exp(logits[start + index]! - most);
  for (let index = 0; index < out.length; index += 1) out[index]! /= sum;
  return out;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const logit = (p: number): number => Math.log(p / (1 - p));
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
