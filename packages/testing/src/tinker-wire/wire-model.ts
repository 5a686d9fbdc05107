import type { AdamOptions, ForwardResult, StepResult, TrainingLoss, TrainingSample } from '@skillrl/core';

import { tokenLoss } from '../trainer/token-loss.ts';
import { type TinyBase, TinyEngine } from '../trainer/tiny-engine.ts';
import { Numbers } from './numbers.ts';
import { WireError } from './wire-error.ts';

/** What the servers differ in, as `TinkerDialect` of the drivers says it. */
export type WireDialect = 'skillrl' | 'skyrl-0.3';

/** A model of the server. */
export class WireModel {
  readonly id: string;
  readonly sessionId: string;
  readonly base: TinyBase;
  readonly lora: { readonly rank: number; readonly alpha?: number } | null;
  readonly engine: TinyEngine;
  readonly numbers: Numbers;
  readonly restoredFrom: string | null;
  readonly #dialect: WireDialect;
  /** Batches whose mean is taken at the step, where the server takes a mean. */
  #waiting: { readonly samples: readonly TrainingSample[]; readonly loss: TrainingLoss }[] = [];

  constructor(
    dialect: WireDialect,
    facts: Pick<WireModel, 'id' | 'sessionId' | 'base' | 'lora'>,
    lastNumber = 0,
    restoredFrom: string | null = null,
  ) {
    this.#dialect = dialect;
    this.id = facts.id;
    this.sessionId = facts.sessionId;
    this.base = facts.base;
    // The engine trains all of its few parameters, whatever is asked for.
    this.lora = facts.lora;
    this.engine = new TinyEngine(facts.base);
    this.numbers = new Numbers(lastNumber);
    this.restoredFrom = restoredFrom;
  }

  /** SkyRL leaves what an unloaded model has gathered in its place. */
  inherit(before: WireModel): void {
    this.#waiting = before.#waiting;
  }

  pass(samples: readonly TrainingSample[], loss: TrainingLoss, isBackward: boolean): object {
    const isMean = this.#dialect === 'skyrl-0.3';
    const result =
      isBackward && !isMean ? this.engine.forwardBackward(samples, loss) : this.engine.forward(samples, loss);
    if (isBackward && isMean) this.#waiting.push({ samples, loss });
    return { loss_fn_output_type: 'scalar', loss_fn_outputs: outputsOf(samples, loss, result), metrics: {} };
  }

  step(adam: AdamOptions): StepResult {
    if (this.#dialect === 'skyrl-0.3' && this.#waiting.length === 0) return { step: 0, gradientNorm: 0 };
    const sequences = this.#waiting.flatMap(({ samples }) => samples).length;
    for (const { samples, loss } of this.#waiting.splice(0))
      this.engine.forwardBackward(
        samples.map((sample) => meanOf(sample, sequences)),
        loss,
      );
    return this.engine.step(adam);
  }
}

/** Weights that make the sum a mean over the sequences of each one's weighted mean. */
function meanOf(sample: TrainingSample, sequences: number): TrainingSample {
  const total =
    Math.max(
      1e-9,
      sample.weights.reduce((sum, weight) => sum + weight, 0),
    ) * sequences;
  return { ...sample, weights: sample.weights.map((weight) => weight / total) };
}

function outputsOf(samples: readonly TrainingSample[], loss: TrainingLoss, { logprobs }: ForwardResult): object[] {
  const array = (data: readonly number[]): object => ({ data, dtype: 'float32', shape: [data.length] });
  return samples.map(({ ids, weights, logprobs: old, advantages }, row) => {
    const values = ids.map((_, place) => logprobs[row]?.[place] ?? 0);
    const losses = values.map((value, place) => {
      return (weights[place] ?? 0) * tokenLoss(loss, value, old?.[place] ?? 0, advantages?.[place] ?? 0).value;
    });
    return { logprobs: array(values.slice(1)), elementwise_loss: array(losses.slice(1)) };
  });
}

/** @throws {WireError} `TOKEN_OUT_OF_RANGE`, `CONTEXT_EXCEEDED` */
export function checkIds(ids: readonly number[], vocabulary: number, context: number): void {
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabulary);
  if (wrong !== undefined)
    throw new WireError(400, 'TOKEN_OUT_OF_RANGE', `The token id ${wrong} is not in the vocabulary.`);
  if (ids.length > context) throw new WireError(400, 'CONTEXT_EXCEEDED', `${ids.length} tokens do not fit ${context}.`);
}
