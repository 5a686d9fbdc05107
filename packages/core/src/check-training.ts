import { TrainerError } from './errors.ts';
import type { AdamOptions, SampleOptions, TrainableModelInfo, TrainingLoss, TrainingSample } from './trainer.ts';

type Limits = Pick<TrainableModelInfo, 'vocabulary' | 'context'>;

/**
 * Refuses a batch that no trainer may compute with: some would answer with NaN and keep it in their weights.
 *
 * @throws {TrainerError} `DATA_EMPTY`, `LENGTH_MISMATCH`, `CONTEXT_EXCEEDED`, `TOKEN_OUT_OF_RANGE`, `INPUT_MISSING`, `VALUE_NOT_FINITE`,
 * `WEIGHT_INVALID`, `LOGPROB_POSITIVE`, `LOSS_INVALID`; the message names the sample and the place.
 */
export function checkTrainingSamples(samples: readonly TrainingSample[], loss: TrainingLoss, limits: Limits): void {
  checkLoss(loss);
  if (samples.length === 0) throw refused('DATA_EMPTY', 'The batch has no samples.', 'Send at least one.');
  for (const [index, sample] of samples.entries()) {
    const needed = loss.name === 'cross_entropy' ? {} : { logprobs: sample.logprobs, advantages: sample.advantages };
    checkSample(`Sample ${index}`, sample.ids, { weights: sample.weights, ...needed }, limits);
  }
}

/** @throws {TrainerError} `ADAM_INVALID` for a rate or bound that makes no finite step. */
export function checkAdam(adam: AdamOptions): void {
  const { learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0, clipNorm = 0 } = adam;
  const isWithin = (value: number, low: number, high: number): boolean => value >= low && value <= high;
  const isRight =
    isWithin(learningRate, 0, 1) &&
    isWithin(weightDecay, 0, 1) &&
    isWithin(epsilon, 1e-12, 1) &&
    isWithin(clipNorm, 0, 1e9) &&
    [beta1, beta2].every((beta) => beta >= 0 && beta < 1);
  if (!isRight) {
    throw refused(
      'ADAM_INVALID',
      `No step can be made with ${JSON.stringify(adam)}.`,
      'learningRate and weightDecay lie in [0, 1], betas in [0, 1), epsilon in [1e-12, 1], clipNorm in [0, 1e9].',
    );
  }
}

/** @throws {TrainerError} `DATA_EMPTY`, `TOKEN_OUT_OF_RANGE`, `CONTEXT_EXCEEDED`, `SAMPLING_INVALID`. */
export function checkSampling(prompt: readonly number[], options: SampleOptions, limits: Limits): void {
  const { maxTokens, count = 1, temperature = 1, stop = [], seed = 0 } = options;
  const isRight =
    [maxTokens, count].every((value) => Number.isInteger(value) && value >= 1) &&
    temperature >= 0 &&
    temperature <= 100 &&
    Number.isSafeInteger(seed) &&
    seed >= 0;
  if (!isRight) {
    const hint = 'maxTokens and count are whole and ≥ 1, temperature lies in [0, 100], seed is whole and ≥ 0.';
    throw refused('SAMPLING_INVALID', `Nothing can be sampled with ${JSON.stringify(options)}.`, hint);
  }
  if (prompt.length === 0) throw refused('DATA_EMPTY', 'The prompt has no tokens.', 'Send at least one.');
  if (prompt.length + maxTokens > limits.context) {
    const message = `${prompt.length} tokens and ${maxTokens} new ones do not fit a context of ${limits.context}.`;
    throw refused('CONTEXT_EXCEEDED', message, 'Shorten the prompt, or ask for fewer tokens.');
  }
  checkIds('The prompt', prompt, limits.vocabulary);
  checkIds('The stop list', stop, limits.vocabulary);
}

function checkLoss(loss: TrainingLoss): void {
  switch (loss.name) {
    case 'cross_entropy':
    case 'importance_sampling':
      return;
    case 'ppo':
    case 'cispo': {
      const { low = 0.8, high = 1.2 } = loss;
      if (low >= 0 && low <= high && high < 1e9) return;
      const hint = 'They bound the ratio itself, such as 0.8 and 1.2.';
      throw refused('LOSS_INVALID', `${loss.name} cannot clip between ${low} and ${high}.`, hint);
    }
    default:
      throw refused('LOSS_INVALID', `There is no loss ${JSON.stringify(loss satisfies never)}.`, 'See TrainingLoss.');
  }
}

function checkSample(
  name: string,
  ids: readonly number[],
  arrays: Readonly<Record<string, readonly number[] | undefined>>,
  { vocabulary, context }: Limits,
): void {
  if (ids.length < 2) throw refused('DATA_EMPTY', `${name} predicts no token.`, 'A sample has at least two tokens.');
  if (ids.length > context) {
    throw refused(
      'CONTEXT_EXCEEDED',
      `${name} has ${ids.length} tokens, more than the context of ${context}.`,
      'Leave it out: cutting it would train on another text than was sampled.',
    );
  }
  checkIds(name, ids, vocabulary);
  for (const [key, values] of Object.entries(arrays)) {
    if (values === undefined) {
      throw refused('INPUT_MISSING', `${name} has no ${key}, which the loss needs.`, 'Give one number a token.');
    }
    if (values.length !== ids.length) {
      const message = `${name} has ${ids.length} tokens and ${values.length} ${key}.`;
      throw refused('LENGTH_MISMATCH', message, 'All arrays have one element a token; nothing is shifted.');
    }
    checkNumbers(name, key, values);
  }
}

function checkNumbers(name: string, key: string, values: readonly number[]): void {
  for (const [place, value] of values.entries()) {
    // Trainers compute with 32 bits.
    if (!Number.isFinite(Math.fround(value))) {
      throw refused('VALUE_NOT_FINITE', `${name} has ${value} in ${key} at token ${place}.`, 'Drop that rollout.');
    }
    if (key === 'logprobs' && value > 0) {
      const hint = 'They are natural logarithms of probabilities, as the sampler reported them.';
      throw refused('LOGPROB_POSITIVE', `${name} has the log-probability ${value} at token ${place}.`, hint);
    }
    if (key === 'weights' && (value < 0 || (place === 0 && value !== 0))) {
      const hint = 'Weights are ≥ 0, and that of the first token, which nothing predicts, is 0.';
      throw refused('WEIGHT_INVALID', `${name} has the weight ${value} at token ${place}.`, hint);
    }
  }
}

function checkIds(name: string, ids: readonly number[], vocabulary: number): void {
  const place = ids.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (place === -1) return;
  throw refused(
    'TOKEN_OUT_OF_RANGE',
    `${name} has the token id ${ids[place]} at ${place}, outside the vocabulary of ${vocabulary}.`,
    'Were the ids made by another tokenizer?',
  );
}

function refused(code: string, message: string, hint: string): TrainerError {
  return new TrainerError({ code, message, hint });
}
