import { parse } from '@skillrl/core';
import { z } from 'zod';

const whole = z.number().int().nonnegative();

const passRecord = z.object({
  groupId: z.string(),
  policyVersion: whole,
  successes: whole,
  trials: whole,
  isPilot: z.boolean(),
});

const diversity = z.object({
  count: whole,
  validCount: whole,
  effectivePairs: z.number().optional(),
});

const savedWeights = z.object({ path: z.string(), sha256: z.string().optional() });
export const servedVersion = z.object({ version: z.string(), model: z.string(), sha256: z.string() });

/** Everything a run is resumed from, as plain JSON. Draws have no state: each is derived from the recipe's seed and what it is for. */
export const iterationStateSchema = z.object({
  schema: z.literal(1),
  /** Names the run; part of the ids of its rollouts. */
  run: z.string().regex(/^[\w-]{1,40}$/),
  /** Iterations that are finished. */
  iteration: whole,
  /** Number of the weights: 0 is the base, and each trained version that was kept has a higher one. */
  version: whole,
  /** Highest number that was given to a version, kept or not. Numbers are never used again. */
  newest: whole,
  /** Optimizer steps behind the weights. */
  step: whole,
  /** Where the weights are, with optimizer and random state. Every iteration begins by loading them. */
  weights: savedWeights,
  /** What rollouts are sampled from, and what its weights are trained on from when newer ones collapse. */
  served: servedVersion.extend({ number: whole, step: whole, weights: savedWeights }),
  /** Versions trained since the served one: how old its rollouts are. */
  unserved: whole,
  /** What whoever asks for the policy gets, as the server said in the last iteration; it may be of another run. */
  live: servedVersion,
  /** The start, and the versions that were seen live: this run leaves them on the server, so that any of them can be gone back to. */
  published: z.array(z.string()),
  /** The bank's revision that the next rollouts read; 0 without a bank. */
  bankRevision: whole,
  /** Where the walk through the games stands: how many times all were passed, and how many of this time. */
  cursor: z.object({ epoch: whole, position: whole }),
  /** What groups scored, by game and by whether they saw entries (`historyKey`). */
  histories: z.record(z.string(), z.array(passRecord)),
  /** Median tokens of the completions of an episode, by iteration, oldest first. */
  lengths: z.array(z.number().nonnegative()),
  /** How different plays were when the run began, by kind of domain, group by group. */
  diversity: z.partialRecord(z.enum(['convergent', 'divergent']), z.array(diversity)).optional(),
  /** Iterations since the last decision about publishing. */
  sinceDecision: whole,
  /** What stands at the trainer and nothing goes back to any more, by its path: taken away once this state is written. */
  obsolete: z.array(z.string()),
  /** Iterations in a row that were not trained on because sampler and trainer disagreed. */
  refusals: whole,
});

export type IterationState = Readonly<z.output<typeof iterationStateSchema>>;

/** @throws {InputError} `SCHEMA_MISMATCH` */
export function parseIterationState(value: unknown): IterationState {
  return parse(iterationStateSchema as z.ZodType<IterationState>, value, 'state of a training run');
}
