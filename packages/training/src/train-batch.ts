import { TrainerError, type TrainableModel, type TrainingLoss, type TrainingSample } from '@skillrl/core';
import { keyedSeed } from '@skillrl/rollouts';
import { klEstimate } from '@skillrl/signals';

import type { BatchSample } from './build-batch.ts';
import type { TrainingReport } from './iteration-manifest.ts';
import type { IterationState } from './iteration-state.ts';
import { asForward, flattened, probeMismatch, weighBatch, whyRefused } from './mismatch.ts';
import type { TrainingRecipe } from './recipe.ts';

/** `refused`: the trainer's weights are as they were. */
export type Trained =
  | { readonly kind: 'trained'; readonly report: TrainingReport }
  | { readonly kind: 'refused'; readonly report: TrainingReport; readonly reason: string };

/** So many samples say whether a step was really applied. */
const probedSamples = 16;

/**
 * Trains on a batch of rollouts, from the last save: probes the mismatch to the sampler, makes the steps, and measures what they changed. What
 * a process that died left in the trainer, gathered gradients and steps alike, is gone with the load.
 *
 * @throws {TrainerError} `STEP_NOT_APPLIED` when the steps changed nothing, or what came of them is no number.
 */
export async function trainOnRollouts(
  model: TrainableModel,
  samples: readonly BatchSample[],
  recipe: TrainingRecipe,
  state: IterationState,
  onStep: (step: number) => Promise<void>,
): Promise<Trained> {
  await model.load(state.weights.path);
  const { logprobs } = await model.forward(asForward(samples));
  const mismatch = probeMismatch(samples, logprobs, recipe.mismatch);
  const report = { ...measured(samples, logprobs), mismatch, steps: 0, step: state.step, loss: 0, kl: 0 };
  const reason = whyRefused(mismatch, recipe.mismatch, state.unserved);
  if (reason !== undefined) return { kind: 'refused', reason, report: { ...report, gradientNorms: [] } };

  const stepped = await makeSteps(model, deal(samples, logprobs, recipe, state), lossOf(recipe), recipe, onStep);

  const probed = samples.slice(0, probedSamples);
  const after = await model.forward(asForward(probed));
  const kl = appliedKl(flattened(probed, logprobs), flattened(probed, after.logprobs));
  return { kind: 'trained', report: { ...report, ...stepped, kl } };
}

/** Trains on what an expert did, from the last save. Weights become a mean over the tokens of each minibatch. */
export async function trainOnDemonstrations(
  model: TrainableModel,
  demonstrations: readonly TrainingSample[],
  recipe: TrainingRecipe,
  state: IterationState,
  onStep: (step: number) => Promise<void>,
): Promise<Trained> {
  await model.load(state.weights.path);
  const samples = demonstrations.map(asBatchSample);
  const before = await model.forward(asForward(samples));
  const imitated = { ...recipe, advantage: { ...recipe.advantage, credit: 'success' as const } };
  const minibatches = deal(samples, before.logprobs, imitated, state);
  const stepped = await makeSteps(model, minibatches, { name: 'cross_entropy' }, recipe, onStep);
  const probed = samples.slice(0, probedSamples);
  const after = await model.forward(asForward(probed));
  const kl = appliedKl(flattened(probed, before.logprobs), flattened(probed, after.logprobs));
  return { kind: 'trained', report: { ...measured(samples, before.logprobs), ...stepped, kl } };
}

/** The batch dealt out to minibatches, anew for each epoch. */
function deal(
  samples: readonly BatchSample[],
  logprobs: readonly (readonly number[])[],
  recipe: TrainingRecipe,
  { iteration }: IterationState,
): TrainingSample[][] {
  const epochs = Array.from({ length: recipe.optimizer.epochs }, (_, epoch) =>
    keyedSeed([recipe.seed, 'minibatches', iteration + 1, epoch]),
  );
  return epochs.flatMap((seed) => weighBatch(samples, logprobs, recipe, seed));
}

function lossOf({ advantage, loss }: TrainingRecipe): TrainingLoss {
  return advantage.credit === 'success' ? { name: 'cross_entropy' } : loss;
}

async function makeSteps(
  model: TrainableModel,
  minibatches: readonly (readonly TrainingSample[])[],
  loss: TrainingLoss,
  { optimizer }: TrainingRecipe,
  onStep: (step: number) => Promise<void>,
): Promise<Pick<TrainingReport, 'steps' | 'step' | 'loss' | 'gradientNorms'>> {
  const { learningRate, clipNorm, weightDecay } = optimizer;
  const gradientNorms: number[] = [];
  let step = 0;
  let sum = 0;
  for (const samples of minibatches) {
    sum += (await model.forwardBackward(samples, loss)).loss;
    const made = await model.step({ learningRate, clipNorm, weightDecay });
    step = made.step;
    gradientNorms.push(made.gradientNorm);
    await onStep(step);
  }
  return { steps: minibatches.length, step, loss: sum / minibatches.length, gradientNorms };
}

function measured(
  samples: readonly BatchSample[],
  logprobs: readonly (readonly number[])[],
): Pick<TrainingReport, 'samples' | 'tokens' | 'allTokens' | 'entropy'> {
  const { mask, ofTrainer } = flattened(samples, logprobs);
  let tokens = 0;
  let surprise = 0;
  mask.forEach((sampled, token) => {
    tokens += sampled;
    if (sampled === 1) surprise -= ofTrainer[token]!;
  });
  return { samples: samples.length, tokens, allTokens: mask.length, entropy: tokens === 0 ? 0 : surprise / tokens };
}

function appliedKl(before: ReturnType<typeof flattened>, after: ReturnType<typeof flattened>): number {
  const kl = klEstimate(before.ofTrainer, after.ofTrainer, { mask: before.mask }).mean ?? 0;
  if (Number.isFinite(kl) && kl > 0) return kl;
  throw new TrainerError({
    code: 'STEP_NOT_APPLIED',
    message: `After the optimizer's steps the policy differs from before by ${kl}: they were not applied.`,
    hint: 'Look at what the trainer trains: an adapter that is not used, or a learning rate of 0.',
  });
}

function asBatchSample({ ids, weights }: TrainingSample, index: number): BatchSample {
  const mask = weights.map((weight): 0 | 1 => (weight > 0 ? 1 : 0));
  const none = ids.map(() => 0);
  const sequence = { ids, mask, logprobs: none, steps: mask.map((sampled) => sampled - 1), calls: none };
  return { episodeId: `demonstration ${index}`, groupId: 'demonstrations', sequence, advantages: none, weight: 1 };
}
