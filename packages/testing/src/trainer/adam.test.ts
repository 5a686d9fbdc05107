import { describe, expect, it } from 'vitest';

import { adamStep } from './adam.ts';

describe('adamStep', () => {
  it('makes the steps of torch.optim.AdamW', () => {
    // torch 2.13, float64: AdamW(lr=0.1, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1) on [1, -2, 0.5], clip_grad_norm_(1) before each step.
    const weights = Float64Array.of(1, -2, 0.5);
    const moments = { mean: new Float64Array(3), square: new Float64Array(3) };
    const adam = { learningRate: 0.1, weightDecay: 0.1, clipNorm: 1 };
    const norms = [Float64Array.of(3, -4, 0), Float64Array.of(0.1, 0.2, -0.3)].map((gradient, index) =>
      adamStep(weights, gradient, moments, index + 1, adam),
    );
    expect(norms[0]).toBeCloseTo(5, 12);
    expect(norms[1]).toBeCloseTo(Math.sqrt(0.14), 12);
    for (const [index, value] of [0.8018184122938888, -1.8137234133289832, 0.5635459968093104].entries())
      expect(weights[index]).toBeCloseTo(value, 12);
  });
});
