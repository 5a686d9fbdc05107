import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { SampledSequence, SampleOptions } from '@skillrl/core';

import { seededRandom } from '../seeded-random.ts';
import { sampleSequence } from '../trainer/sample-sequence.ts';
import { baseHash, type TinyBase, TinyEngine, type TinyState } from '../trainer/tiny-engine.ts';
import { asWireError, WireError } from './wire-error.ts';
import { WireFiles } from './wire-files.ts';
import { checkIds, type WireDialect, WireModel } from './wire-model.ts';

export interface WireSettings {
  readonly folder: string;
  readonly dialect: WireDialect;
  readonly vocabulary: number;
  readonly context: number;
  /** From name to the seed of its weights. */
  readonly bases: Readonly<Record<string, number>>;
  /** How long a result takes, in milliseconds. */
  readonly computeMs: () => number;
}

type Outcome = { readonly result: object } | { readonly error: WireError };

/** One life of the server: what a restart takes is in here, what it leaves is in the files. */
export class WireService {
  readonly settings: WireSettings;
  readonly files: WireFiles;
  readonly bootId = idOf('b');
  readonly #sessions: Set<string>;
  readonly #models = new Map<string, WireModel>();
  readonly #created = new Map<string, object>();
  readonly #futures = new Map<string, { readonly ready: number; readonly outcome: Outcome }>();
  /** The model whose place the next one takes. */
  #unloaded: WireModel | undefined;
  readonly #samplers = new Map<string, TinyEngine>();

  constructor(settings: WireSettings) {
    this.settings = settings;
    this.files = new WireFiles(settings.folder);
    // SkyRL's models do not outlive their process.
    const isKeeping = settings.dialect === 'skillrl';
    this.#sessions = new Set(isKeeping ? this.files.sessions() : []);
    for (const file of isKeeping ? this.files.models() : []) this.#restore(file);
  }

  #restore(file: Pick<WireModel, 'id' | 'sessionId' | 'base' | 'lora'>): void {
    const save = this.files.lastSave(file.id);
    const from = save === undefined ? null : `tinker://${file.id}/weights/${save.name}`;
    const model = new WireModel('skillrl', file, save?.sequence, from);
    this.#models.set(file.id, model);
    if (save === undefined) return;
    this.files.load(file.id, save.name, model.engine);
    // Asked for once more, the save that was the last thing done is answered.
    const requestId = this.keep({ result: { path: from, sha256: save.sha256 } });
    if (save.sequence > 0) model.numbers.accept(save.sequence, save.body, requestId);
  }

  createSession(): string {
    const id = idOf('s');
    this.#sessions.add(id);
    this.files.writeSessions(this.#sessions);
    return id;
  }

  touch(sessionId: string): void {
    if (!this.#sessions.has(sessionId))
      throw new WireError(404, 'SESSION_UNKNOWN', `There is no session '${sessionId}'.`);
  }

  /** Ends the sessions and unloads their models, as when no sign of life came. */
  expire(): void {
    for (const id of this.#models.keys()) this.files.removeModel(id);
    this.#models.clear();
    this.#sessions.clear();
  }

  base(name: string): TinyBase {
    const { bases, dialect } = this.settings;
    // SkyRL serves the one base it was started with, whatever it is called.
    const seed = dialect === 'skyrl-0.3' ? Object.values(bases)[0] : bases[name];
    if (seed === undefined) throw new WireError(400, 'BASE_UNKNOWN', `There is no base model '${name}'.`);
    return { name, vocabulary: this.settings.vocabulary, seed };
  }

  /** @param key - equal ones make one model. */
  createModel(sessionId: string, base: TinyBase, lora: WireModel['lora'], key: string | undefined): object {
    const known = key === undefined ? undefined : this.#created.get(key);
    if (known !== undefined) return known;
    const model = new WireModel(this.settings.dialect, { id: idOf('m'), sessionId, base, lora });
    if (this.#unloaded !== undefined) model.inherit(this.#unloaded);
    this.#models.set(model.id, model);
    this.files.writeModel(model);
    const reply = { model_id: model.id, request_id: this.keep({ result: this.info(model) }), type: 'create_model' };
    if (key !== undefined) this.#created.set(key, reply);
    return reply;
  }

  model(id: string): WireModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new WireError(404, 'MODEL_UNKNOWN', `There is no model '${id}'.`);
    return model;
  }

  unload(id: string): string {
    this.#unloaded = this.model(id);
    this.#models.delete(id);
    this.files.removeModel(id);
    return this.keep({ result: { type: 'unload_model', model_id: id, status: 'unloaded' } });
  }

  info(model: WireModel): object {
    const { vocabulary, context, dialect } = this.settings;
    if (dialect === 'skyrl-0.3') return { model_id: model.id, base_model: model.base.name, lora_config: model.lora };
    return {
      type: 'get_info',
      model_id: model.id,
      session_id: model.sessionId,
      base_model: model.base.name,
      base_sha256: baseHash(model.base),
      is_lora: model.lora !== null,
      lora_rank: model.lora?.rank ?? null,
      lora_alpha: model.lora === null ? null : (model.lora.alpha ?? 32),
      vocabulary,
      context,
      trainable_parameters: model.engine.parameters,
      seq_id: model.numbers.last,
      step: model.engine.steps,
      restored_from: model.restoredFrom,
      boot_id: this.bootId,
    };
  }

  /**
   * Computes a call, once per number; without numbers, every time.
   *
   * @param check - what is refused with the call itself: it has no effect, and uses no number up.
   */
  call(model: WireModel, number: number | undefined, body: string, check: () => void, work: () => object): string {
    const isNumbered = this.settings.dialect === 'skillrl' && number !== undefined;
    const known = isNumbered ? model.numbers.known(number, body) : undefined;
    if (known !== undefined) return known;
    check();
    const requestId = this.keep(outcomeOf(work));
    if (isNumbered) model.numbers.accept(number, body, requestId);
    return requestId;
  }

  keep(outcome: Outcome): string {
    const id = idOf('r');
    this.#futures.set(id, { ready: Date.now() + this.settings.computeMs(), outcome });
    return id;
  }

  /** @throws {WireError} what the call failed with, `FUTURE_PENDING`, `FUTURE_UNKNOWN` */
  async result(requestId: string, timeoutMs: number): Promise<object> {
    const future = this.#futures.get(requestId);
    if (future === undefined) throw new WireError(404, 'FUTURE_UNKNOWN', `There is no request '${requestId}'.`);
    const waitMs = future.ready - Date.now();
    if (waitMs > 0) await sleep(Math.min(waitMs, timeoutMs));
    if (waitMs > timeoutMs) throw new WireError(408, 'FUTURE_PENDING', 'It still runs.');
    if ('error' in future.outcome) throw future.outcome.error;
    return future.outcome.result;
  }

  /** Keeps the weights as they are in memory, to sample from. */
  keepSampler({ base, engine }: WireModel): string {
    const sampler = new TinyEngine(base);
    const state: TinyState = { ...emptyMoments(engine), base, weights: engine.weights(), step: 0, draws: 0 };
    sampler.restore(state);
    const id = idOf('p');
    this.#samplers.set(id, sampler);
    return id;
  }

  sample(samplerId: string, prompt: readonly number[], options: SampleOptions): readonly SampledSequence[] {
    const sampler = this.#samplers.get(samplerId);
    if (sampler === undefined) throw new WireError(404, 'SAMPLER_UNKNOWN', `There is no sampler '${samplerId}'.`);
    checkIds(prompt, this.settings.vocabulary, this.settings.context - options.maxTokens);
    return sampler.sample(prompt, options);
  }

  /** Samples from what was exported under a path. */
  sampleKept(path: string, prompt: readonly number[], options: SampleOptions): readonly SampledSequence[] {
    const [, , id = '', , name = ''] = path.split('/');
    const model = this.files.exported(id, name);
    checkIds(prompt, this.settings.vocabulary, this.settings.context - options.maxTokens);
    const random = seededRandom(options.seed ?? 1);
    return Array.from({ length: options.count ?? 1 }, () => sampleSequence(model, prompt, options, random));
  }
}

function outcomeOf(work: () => object): Outcome {
  try {
    return { result: work() };
  } catch (error) {
    const known = asWireError(error);
    // Inside a future everything is a 400.
    return { error: new WireError(400, known.code, known.message) };
  }
}

function emptyMoments({ parameters }: TinyEngine): Pick<TinyState, 'moments'> {
  return { moments: { mean: new Float64Array(parameters), square: new Float64Array(parameters) } };
}

function idOf(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
