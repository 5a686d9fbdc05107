import type { TrainableModel } from '@skillrl/core';
import {
  dispersionWeights,
  queryDispersion,
  referenceMatrix,
  tokenDispersion,
  weightedReferenceReward,
  type QueryDispersion,
  type ReferenceMatrix,
} from '@skillrl/signals';

/** A task whose right answer is known and which no verifier judges. */
export interface ReferenceQuery {
  readonly id: string;
  /** By rollout: the ids of the prompt and of the reasoning that was sampled; `null` for one whose reasoning never ended. */
  readonly contexts: readonly (readonly number[] | null)[];
  /** Ids of the reference, tokenised once: the same behind every reasoning. */
  readonly reference: readonly number[];
  /** Ids of the prompt with the reasoning left out: rewards then say what the reasoning adds. */
  readonly masked?: readonly number[];
}

/** How much the reasonings of a group make of the reference; all of it from one matrix. */
export interface ReferenceScores {
  readonly id: string;
  readonly matrix: ReferenceMatrix;
  /** Of the reference's tokens: how much each depends on the reasoning. */
  readonly weights: Float64Array;
  /** One a rollout, as `groupAdvantages` takes it (with `normalise`); `null` for one that was left out. */
  readonly rewards: readonly (number | null)[];
  /** What `dispersionFilter` ranks queries by. */
  readonly dispersion: QueryDispersion;
}

/**
 * Scores reasonings by how likely they make a reference, with the trainer's present weights as the judge.
 *
 * @throws {TrainerError} as `forward`, such as `CONTEXT_EXCEEDED`.
 *
 * Source: DRO, arXiv:2506.13351v1 (R3); the baseline of the masked reasoning is ours.
 */
export async function scoreReferences(
  model: Pick<TrainableModel, 'forward'>,
  { id, contexts, reference, masked }: ReferenceQuery,
): Promise<ReferenceScores> {
  const given = contexts.filter((context) => context !== null);
  const asked = [...given, ...(masked === undefined ? [] : [masked])];
  const { logprobs } = await model.forward(
    asked.map((context) => ({
      ids: [...context, ...reference],
      weights: [...context.map(() => 0), ...reference.map(() => 1)],
    })),
  );
  const rows = asked.map((context, index) => logprobs[index]?.slice(context.length) ?? []);
  let next = 0;
  const matrix = referenceMatrix(contexts.map((context) => (context === null ? null : (rows[next++] ?? []))));
  const weights = dispersionWeights(tokenDispersion(matrix));
  return {
    id,
    matrix,
    weights,
    rewards: weightedReferenceReward(matrix, weights, masked === undefined ? {} : { masked: rows.at(-1) ?? [] }),
    dispersion: queryDispersion(matrix),
  };
}
