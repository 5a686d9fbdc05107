import type { TrainingLoss } from '@skillrl/core';

export interface TokenLoss {
  readonly value: number;
  /** Derivative of `value` by the log-probability. */
  readonly slope: number;
}

/**
 * The loss of one token before weights, and its slope.
 *
 * @param logprob - log π(token) under the weights that are trained.
 * @param old - the same under the weights that sampled the token.
 *
 * Source: the papers named at `TrainingLoss`. The exponent of the ratio is held to ±20, as in verl, so that one outlier cannot overflow.
 */
export function tokenLoss(loss: TrainingLoss, logprob: number, old: number, advantage: number): TokenLoss {
  const difference = logprob - old;
  const ratio = Math.exp(Math.min(20, Math.max(-20, difference)));
  const ratioSlope = Math.abs(difference) <= 20 ? ratio : 0;
  switch (loss.name) {
    case 'cross_entropy':
      return { value: -logprob, slope: -1 };
    case 'importance_sampling':
      return { value: -ratio * advantage, slope: -ratioSlope * advantage };
    case 'ppo': {
      const clipped = clip(ratio, loss.low, loss.high);
      if (ratio * advantage <= clipped * advantage)
        return { value: -ratio * advantage, slope: -ratioSlope * advantage };
      return { value: -clipped * advantage, slope: 0 };
    }
    case 'cispo': {
      const factor = clip(ratio, loss.low, loss.high) * advantage;
      return { value: -factor * logprob, slope: -factor };
    }
    default:
      return loss satisfies never;
  }
}

function clip(ratio: number, low = 0.8, high = 1.2): number {
  return Math.min(high, Math.max(low, ratio));
}
