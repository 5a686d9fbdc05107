import {
  checkAdam,
  checkSampling,
  checkTrainingSamples,
  TrainerError,
  UnsupportedError,
  type AdamOptions,
  type ExportedWeights,
  type ForwardResult,
  type SampledSequence,
  type SampleOptions,
  type SavedWeights,
  type StepResult,
  type TrainableModel,
  type TrainableModelInfo,
  type TrainingLoss,
  type TrainingSample,
} from '@skillrl/core';

import { refuseExisting, unpackInto } from './archive.ts';
import { removeCheckpoint, routeOf } from './checkpoint-route.ts';
import type { TinkerDialect } from './dialect.ts';
import { hasLostTrack } from './explain-refusal.ts';
import { forwardResult, inCalls, lossInput } from './losses.ts';
import { ModelCalls, type ModelCallsOptions } from './model-calls.ts';
import {
  anyReply,
  loadReply,
  type PassReply,
  passReply,
  samplerReply,
  saveReply,
  stepReply,
  weightsReply,
} from './replies.ts';
import { exportedHashes } from './samplers.ts';
import { sampleAt } from './sampling.ts';
import type { Wire } from './wire.ts';

interface Sampler {
  readonly id: string;
  /** Which weights it has. */
  readonly weights: number;
  draws: number;
}

/** A model behind a server of the Tinker protocol. One call at a time is under way. */
export class TinkerModel implements TrainableModel {
  readonly info: TrainableModelInfo;
  readonly #wire: Wire;
  readonly #dialect: TinkerDialect;
  readonly #calls: ModelCalls;
  /** Calls since the last step whose gradient waits for the next. */
  #gathered = 0;
  #steps = 0;
  /** Names the weights as they are: goes up with every change. */
  #weights = 0;
  #sampler: Sampler | undefined;
  #samplers = 0;
  /** An export whose archive has not arrived: asked for again under its name, nothing has to be written. */
  #unfetched: { readonly name: string; readonly weights: number; readonly path: string } | undefined;

  constructor(options: ModelCallsOptions) {
    this.#wire = options.wire;
    this.#dialect = options.dialect;
    this.#calls = new ModelCalls(options);
    this.info = options.place.info;
  }

  get id(): string {
    return this.#calls.id;
  }

  forward(samples: readonly TrainingSample[], loss: TrainingLoss = { name: 'cross_entropy' }): Promise<ForwardResult> {
    return this.#pass('/forward', 'forward_input', samples, loss);
  }

  forwardBackward(samples: readonly TrainingSample[], loss: TrainingLoss): Promise<ForwardResult> {
    return this.#pass('/forward_backward', 'forward_backward_input', samples, loss);
  }

  step(adam: AdamOptions): Promise<StepResult> {
    return this.#calls.inTurn(async () => {
      checkAdam(adam);
      const { learningRate, beta1 = 0.9, beta2 = 0.95, epsilon = 1e-8, weightDecay = 0, clipNorm = 0 } = adam;
      if (clipNorm > 0 && !this.#dialect.clips) throw this.#unsupported('clips no gradients', 'Set clipNorm to 0.');
      if (this.#gathered === 0) throw gradientMissing();
      const params = { learning_rate: learningRate, beta1, beta2, eps: epsilon, weight_decay: weightDecay };
      const body = { adam_params: clipNorm > 0 ? { ...params, grad_clip_norm: clipNorm } : params };
      const { step, metrics } = await this.#calls.numbered('/optim_step', body, stepReply);
      this.#changed(step ?? this.#steps + 1);
      return { step: this.#steps, gradientNorm: metrics };
    });
  }

  save(name: string): Promise<SavedWeights> {
    return this.#calls.inTurn(async () => {
      refuseName(name);
      if (this.#gathered > 0) throw gradientPending();
      const { path, sha256 } = await this.#calls.numbered('/save_weights', { path: name }, saveReply);
      return { path, sha256 };
    });
  }

  load(path: string): Promise<void> {
    return this.#calls.inTurn(
      async () => {
        const loadNow = (): Promise<void> => this.#loadNow(path);
        // Without numbers nobody knows what a model has gone through; there a save is loaded into another one.
        if (this.#calls.isLost || !this.#dialect.numbered) return this.#calls.recover(loadNow);
        try {
          await loadNow();
        } catch (error) {
          // It restarted, and this is the first call to notice.
          if (!(error instanceof TrainerError) || !hasLostTrack(error)) throw error;
          await this.#calls.recover(loadNow);
        }
      },
      { whenLost: true },
    );
  }

  exportWeights(
    name: string,
    folder: string,
    { keep = false }: { readonly keep?: boolean } = {},
  ): Promise<ExportedWeights> {
    return this.#calls.inTurn(async () => {
      if (this.#dialect.archive !== 'merged') {
        throw this.#unsupported('gives an adapter alone', 'Merge it with its base outside, or serve base and adapter.');
      }
      refuseName(name);
      refuseExisting(folder);
      const path = await this.#writeExport(name);
      const { files } = await this.#wire.post('/weights_info', { tinker_path: path }, weightsReply, again);
      const expected = exportedHashes(files);
      const sha256 = expected['model.safetensors'];
      if (sha256 === undefined)
        throw this.#unsupported('tells no hash of model.safetensors', 'Is it the right dialect?');
      const route = routeOf(path);
      await unpackInto(folder, expected, (take) => this.#wire.download(`${route}/archive`, take));
      this.#unfetched = undefined;
      if (keep) return { sha256, sampler: path };
      // What it means that it fails is said by the next call.
      await this.#wire.remove(route).catch(() => undefined);
      return { sha256 };
    });
  }

  pathOf(kind: 'save' | 'export', name: string): string {
    return `tinker://${this.id}/${kind === 'save' ? 'weights' : 'sampler_weights'}/${name}`;
  }

  remove(path: string): Promise<void> {
    return this.#calls.inTurn(
      async () => {
        if (!this.#dialect.removes) throw this.#unsupported('keeps all it saved', 'Delete old saves where it runs.');
        await removeCheckpoint(this.#wire, path);
      },
      { whenLost: true },
    );
  }

  sample(prompt: readonly number[], options: SampleOptions): Promise<readonly SampledSequence[]> {
    return this.#calls.inTurn(async () => {
      checkSampling(prompt, options, this.info);
      try {
        return await this.#sampleFrom(await this.#newestSampler(), prompt, options);
      } catch (error) {
        // Versions in memory do not outlive a restart; if anything else was lost, making one says so.
        if (!(error instanceof TrainerError) || error.code !== 'SAMPLER_UNKNOWN') throw error;
        this.#sampler = undefined;
        return this.#sampleFrom(await this.#newestSampler(), prompt, options);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#calls.isClosed) return;
    await this.#calls.inTurn(
      async () => {
        try {
          await this.#wire.compute('/unload_model', { model_id: this.id }, anyReply, again);
        } catch (error) {
          // It is not there, which is what was asked for.
          if (!(error instanceof TrainerError) || error.code !== 'MODEL_UNKNOWN') throw error;
        }
        this.#calls.close();
      },
      { whenLost: true },
    );
  }

  #pass(route: string, key: string, samples: readonly TrainingSample[], loss: TrainingLoss): Promise<ForwardResult> {
    return this.#calls.inTurn(async () => {
      checkTrainingSamples(samples, loss, this.info);
      const isBackward = route === '/forward_backward';
      if (isBackward && this.#gathered > 0 && this.#dialect.reduction !== 'sum') {
        throw this.#unsupported('adds no gradients up: it takes the mean', 'Send the whole batch in one call.');
      }
      const outputs: PassReply['loss_fn_outputs'][number][] = [];
      try {
        for (const input of inCalls(lossInput(samples, loss, this.#dialect), this.#dialect.callBytes)) {
          const reply = await this.#calls.numbered(route, { [key]: input }, passReply);
          outputs.push(...reply.loss_fn_outputs);
        }
      } catch (error) {
        // A part of the batch is gathered: neither what was before nor the whole.
        if (isBackward && outputs.length > 0) this.#calls.lose();
        throw error;
      }
      if (isBackward) this.#gathered += 1;
      try {
        return forwardResult(samples, { loss_fn_outputs: outputs }, this.#dialect);
      } catch (error) {
        this.#calls.lose();
        throw error;
      }
    });
  }

  async #loadNow(path: string): Promise<void> {
    const { step } = await this.#calls.numbered('/load_weights', { path }, loadReply);
    this.#calls.settle();
    this.#sampler = undefined;
    this.#changed(step ?? 0);
  }

  async #writeExport(name: string): Promise<string> {
    const waiting = this.#unfetched;
    if (waiting?.name === name && waiting.weights === this.#weights) return waiting.path;
    const { path } = await this.#calls.numbered('/save_weights_for_sampler', { path: name }, saveReply);
    this.#unfetched = { name, weights: this.#weights, path };
    return path;
  }

  /** A version of the present weights in the server's memory. */
  async #newestSampler(): Promise<Sampler> {
    if (this.#sampler?.weights === this.#weights) return this.#sampler;
    this.#samplers += 1;
    const body = { sampling_session_seq_id: this.#samplers };
    const { sampling_session_id: id } = await this.#calls.numbered('/save_weights_for_sampler', body, samplerReply);
    this.#sampler = { id, weights: this.#weights, draws: 0 };
    return this.#sampler;
  }

  #sampleFrom(
    sampler: Sampler,
    prompt: readonly number[],
    options: SampleOptions,
  ): Promise<readonly SampledSequence[]> {
    sampler.draws += 1;
    return sampleAt(this.#wire, { sampling_session_id: sampler.id, seq_id: sampler.draws }, prompt, options);
  }

  /** The weights are others now. */
  #changed(steps: number): void {
    this.#steps = steps;
    this.#weights += 1;
    this.#gathered = 0;
  }

  #unsupported(what: string, hint: string): UnsupportedError {
    const message = `A server of the dialect '${this.#dialect.name}' ${what}.`;
    return new UnsupportedError('trainer', { code: 'CAPABILITY_MISSING', message, hint });
  }
}

/** What is not numbered and may be made twice. */
const again = { repeatable: true };

function refuseName(name: string): void {
  if (/^[\w-]{1,64}$/.test(name)) return;
  throw new TrainerError({
    code: 'NAME_INVALID',
    message: `'${name}' cannot name weights.`,
    hint: 'Use up to 64 letters, digits, - and _.',
  });
}

function gradientMissing(): TrainerError {
  return new TrainerError({
    code: 'GRADIENT_MISSING',
    message: 'No gradient was gathered since the last step.',
    hint: 'Call forwardBackward first.',
  });
}

function gradientPending(): TrainerError {
  return new TrainerError({
    code: 'GRADIENT_PENDING',
    message: 'A gradient is gathered, which a save does not hold.',
    hint: 'Call step or load first.',
  });
}
