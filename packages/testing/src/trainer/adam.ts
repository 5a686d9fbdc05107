import type { AdamOptions } from '@skillrl/core';

/** What Adam remembers of the gradients before; arrays as long as the weights. */
export interface AdamMoments {
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/**
 * Changes weights and moments in place.
 *
 * @param step - counts from 1.
 * @returns the norm of the gradient before clipping.
 *
 * Source: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2, as in PyTorch's AdamW; clipping as in its clip_grad_norm_.
 */
export function adamStep(
  weights: Float64Array,
  gradient: Float64Array,
  { mean, square }: AdamMoments,
  step: number,
  adam: AdamOptions,
): number {
  const { learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0, clipNorm = 0 } = adam;
  const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const scale = clipNorm > 0 ? Math.min(1, clipNorm / (norm + 1e-6)) : 1;
  const meanRest = 1 - beta1 ** step;
  const squareRest = Math.sqrt(1 - beta2 ** step);
  for (let index = 0; index < weights.length; index += 1) {
    const slope = (gradient[index] as number) * scale;
    const newMean = beta1 * (mean[index] as number) + (1 - beta1) * slope;
    const newSquare = beta2 * (square[index] as number) + (1 - beta2) * slope * slope;
    mean[index] = newMean;
    square[index] = newSquare;
    const kept = (weights[index] as number) * (1 - learningRate * weightDecay);
    weights[index] = kept - ((learningRate / meanRest) * newMean) / (Math.sqrt(newSquare) / squareRest + epsilon);
  }
  return norm;
}
