import { parse } from '@skillrl/core';
import { parseRewardWeights } from '@skillrl/signals';
import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.number().int().min(1);

const reward = z.strictObject({
  /** What a whole episode of steps costs: r = won − stepCost · steps / limit. */
  stepCost: z.number().min(0).lt(1).default(0.3),
  /** Weight of the Brier score of the stated chance of success beside the weight 1 of success, in [0, 1]; 0 is the binary reward. */
  brier: z.number().min(0).default(0),
  /** Weight of being unlike the others beside being good, in [0, 1]; only tasks of divergent domains are ever paid for it. */
  novelty: share.default(0),
});

const advantage = z.strictObject({
  /**
   * `episode`: reward against the mean of its group (GRPO). `step`: the same, and each step against what followed the same state elsewhere
   * (GiGPO). `success`: successes are imitated, failures left out (rejection sampling).
   */
  credit: z.enum(['episode', 'step', 'success']).default('episode'),
  /** Divide by the group's deviation. */
  normalise: z.boolean().default(true),
  /** What negative advantages of acting are multiplied by. */
  negatives: share.default(0.5),
  /**
   * What advantages of stated chances are multiplied by, where they earn anything: a chance is two or three tokens among a hundred, and at 1 it
   * is learned ten times slower than acting.
   */
  statements: z.number().min(0).max(100).default(8),
});

const gate = z.strictObject({
  /** Whether difficulty decides what is played and trained on. Groups of equal rewards are left out in any case. */
  byDifficulty: z.boolean().default(true),
  /** Success rates below are too hard, above too easy. */
  low: share.default(0.125),
  high: share.default(0.75),
  /** Fewer plays of a game tell nothing by themselves: what is missing is borrowed from games of its type and scene. */
  leastTrials: count.default(8),
  /** What a group of a game counts of which too little is known. */
  unknownWeight: share.default(0.5),
  /** Games that are too hard are put off, or trained on with their lucky successes held down. */
  tooHard: z.enum(['put-off', 'guard']).default('put-off'),
  /** Share of the groups of easy games that are trained on all the same. */
  reviewShare: share.default(0.1),
});

const loss = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.enum(['ppo', 'cispo']),
    low: z.number().min(0).max(1).default(0.8),
    high: z.number().min(1).default(1.2),
  }),
  z.strictObject({ name: z.literal('importance_sampling') }),
]);

const optimizer = z.strictObject({
  learningRate: z.number().positive().max(1).default(3e-4),
  /** Largest norm of the gradient; 0 clips nothing. */
  clipNorm: z.number().min(0).default(1),
  weightDecay: z.number().min(0).max(1).default(0),
  /** Steps that one iteration's batch is dealt out to. */
  minibatches: count.default(4),
  /** Times that each iteration's batch is trained on. */
  epochs: count.default(1),
});

const mismatch = z.strictObject({
  /** Largest weight that makes good for the sampler's probabilities being other than the trainer's. */
  truncateAt: z.number().min(1).default(2),
  /**
   * Above these an iteration is not trained on: the sampler does not serve what the trainer holds. For rollouts of the trainer's own version; three
   * times as much more for each version that they are older, since then the policy itself has moved.
   */
  mostMeanDifference: z.number().positive().default(0.1),
  mostKl: z.number().positive().default(0.01),
});

const bank = z.strictObject({
  /** No further cluster is learned from once a revision changed so many entries. */
  mostChanges: count.default(12),
  /** Failures of one cluster that a revision learns from. */
  failuresPerCluster: count.default(3),
});

const canary = z.strictObject({
  /** Pairs of plays, new version against the served one; 74 show a loss of 15 points. 0 plays none. */
  pairs: z.number().int().min(0).default(74),
  /** Probability, at most, that equal versions look like a collapse; an alarm is then played a second time. */
  error: z.number().gt(0).lt(0.5).default(0.025),
});

const publication = z.strictObject({
  /** Iterations between two decisions. A gain of one iteration cannot be seen: half a point takes 69,000 pairs (`pairsForDifference`). */
  every: z.number().int().min(1).default(10),
  /** Fresh pairs of plays, new version against the live one. */
  pairs: count.default(500),
  /** Probability, at most, of publishing what is no better. */
  error: z.number().gt(0).lt(0.5).default(0.05),
});

/** The hard bound on `staleness`. */
export const mostStaleness = 4;

/** How a policy is trained: plain switches, so that two recipes differ by what is compared and by nothing else. */
export const trainingRecipeSchema = z
  .strictObject({
    name: z.string().min(1),
    /** Changes every draw. */
    seed: z.number().int().min(0).default(1),
    /** `rollouts`: the policy's own plays. `demonstrations`: an expert's, imitated token by token. */
    source: z.enum(['rollouts', 'demonstrations']).default('rollouts'),
    /** `informed`: by an expert who knows where things usually are, which is the ceiling of imitation. Read with `source: demonstrations` only. */
    expert: z.enum(['uninformed', 'informed']).default('uninformed'),
    /** `none`: plays without entries. `half`: half of each group sees one set of entries, half sees none. */
    memory: z.enum(['none', 'half']).default('half'),
    /** Games of one iteration. */
    groups: count.default(16),
    /** Plays of each of them; even with `memory: half`. */
    groupSize: z.number().int().min(2).default(8),
    reward: reward.prefault({}),
    advantage: advantage.prefault({}),
    gate: gate.prefault({}),
    loss: loss.prefault({ name: 'ppo' }),
    optimizer: optimizer.prefault({}),
    mismatch: mismatch.prefault({}),
    /** Iterations between two versions that are served: rollouts are at most `serveEvery − 1` versions old. */
    serveEvery: count.default(1),
    /** Groups sampled by a version more versions ago are dropped; at most 4. */
    staleness: z.number().int().min(0).max(mostStaleness).default(1),
    bank: bank.prefault({}),
    canary: canary.prefault({}),
    publication: publication.prefault({}),
  })
  .superRefine((recipe, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    const sides = recipe.memory === 'half' ? 2 : 1;
    if (recipe.source === 'demonstrations' && recipe.memory === 'half')
      refuse('memory', 'an expert shows plays without entries: give none');
    if (recipe.groupSize % sides !== 0) refuse('groupSize', 'half of a group sees entries: give an even number');
    if (recipe.groupSize / sides < 2) refuse('groupSize', 'fewer than 2 plays a side cannot be compared');
    if (recipe.serveEvery > recipe.staleness + 1)
      refuse('serveEvery', 'rollouts would be older than `staleness` allows');
    if (recipe.gate.low > recipe.gate.high) refuse('gate', 'low is above high');
    try {
      parseRewardWeights({ correctness: 1, brier: recipe.reward.brier });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refuse('reward', error.message);
    }
  });

export type TrainingRecipe = z.output<typeof trainingRecipeSchema>;

/** What a recipe is to differ in from the defaults. */
export type RecipeSwitches = z.input<typeof trainingRecipeSchema>;

/**
 * A whole recipe of what it is to differ in.
 *
 * @throws {InputError} `SCHEMA_MISMATCH` for switches that do not exist or contradict each other, such as a Brier weight above the weight of success.
 */
export function trainingRecipe(switches: RecipeSwitches): TrainingRecipe {
  return parse<TrainingRecipe>(
    trainingRecipeSchema as unknown as z.ZodType<TrainingRecipe>,
    switches,
    'training recipe',
  );
}
