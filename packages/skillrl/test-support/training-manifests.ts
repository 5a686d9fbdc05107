import { baselines, type IterationManifest } from '@skillrl/training';

/** An iteration as one that trained on one of two groups and left the other out. */
export function aTrainingManifest(iteration: number, more: Partial<IterationManifest> = {}): IterationManifest {
  const group = { taskId: 't', side: 'none' as const, trials: 8, meanReward: 0.3 };
  return {
    schema: 1,
    run: 'run',
    iteration,
    plan: 'p',
    recipe: baselines.grpo,
    outcome: 'trained',
    notes: ['Novelty is not paid for.'],
    versions: { rollouts: iteration - 1, before: iteration - 1, after: iteration, served: iteration, live: 'v0' },
    staleness: 0,
    bankRevision: { before: 0, after: 0 },
    rollouts: {
      planned: 16,
      played: 16,
      errored: 0,
      truncated: 0,
      successRate: 0.5,
      successRates: { none: 0.5 },
      meanReward: 0.3,
      meanSteps: 20,
      idleInLost: 0.4,
      medianLength: 80,
    },
    groups: [
      { ...group, groupId: `run/iteration-${iteration}/t/none`, successes: 4, weight: 1, reasons: [] },
      {
        ...group,
        groupId: `run/iteration-${iteration}/u/none`,
        taskId: 'u',
        successes: 8,
        weight: 0,
        reasons: [{ code: 'no-signal', text: 'All earned the same.' }],
      },
    ],
    passedOver: [{ taskId: 'v', reason: 'none: solved in 0 %, too hard.' }],
    credits: [],
    diversity: [],
    signals: {
      tokens: { raised: 300, lowered: 340, untouched: 0 },
      statements: { made: 15, missing: 1, meanStated: 0.7 - 0.1 * iteration, meanReward: -0.3 },
      suspects: 2,
      heldDown: 1,
    },
    training: {
      samples: 8,
      tokens: 640,
      allTokens: 2_000,
      steps: 2,
      step: 2 * iteration,
      loss: 0.1,
      gradientNorms: [0.1, 0.2],
      entropy: 0.3,
      kl: 0.01,
      mismatch: { tokens: 640, meanDifference: 1e-4, kl: 1e-7, largestRatio: 1.01, truncatedShare: 0 },
    },
    canary: { pairs: 74, candidate: 0.5, served: 0.5, confirmed: false, collapsed: false },
    durationsMs: { rollouts: 9_000, saved: 6_000 },
    ...more,
  };
}
