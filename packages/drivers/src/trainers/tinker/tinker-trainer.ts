import {
  ConfigError,
  TrainerError,
  UnsupportedError,
  type TrainableModel,
  type TrainableModelInfo,
  type TrainableModelOptions,
  type Trainer,
} from '@skillrl/core';

import { serverAddress } from '../../http/server-address.ts';
import { type TinkerDialect, type TinkerDialectName, tinkerDialects } from './dialect.ts';
import { anyReply, createReply, infoReply, type InfoReply } from './replies.ts';
import type { ModelPlace } from './model-calls.ts';
import { tinkerSessions } from './sessions.ts';
import { TinkerModel } from './tinker-model.ts';
import { tinkerWire } from './wire.ts';

export interface TinkerTrainerOptions {
  /** Up to and with `/api/v1`. */
  readonly url: string;
  /** Sent as a bearer token, and to nobody else. */
  readonly token?: string;
  /** What the server does differently: one of `tinkerDialects` or a record of your own. Default `skillrl`. */
  readonly dialect?: TinkerDialectName | TinkerDialect;
  /** What a server that does not describe its models cannot tell: `vocabulary` and `context`, and the SHA-256 of the base's weights. */
  readonly model?: Pick<TrainableModelInfo, 'vocabulary' | 'context' | 'base'>;
  /** Between two signs of life, in milliseconds. Default 10,000. */
  readonly heartbeatMs?: number;
  /**
   * How long a trainer that answers no longer, or is busy, is asked again, in milliseconds; a restart fits in. Default 120,000; at most 15,000 for one
   * that has never answered. One that was silent for so long is tried once by each further call, until it answers.
   */
  readonly reconnectMs?: number;
  /** How long one computation may take, in milliseconds. Default 1,800,000. */
  readonly resultMs?: number;
  /** Wait before the first repetition in milliseconds, doubled with each up to 5 seconds. Default 100. */
  readonly backoffMs?: number;
}

/**
 * A trainer behind a server that speaks the JSON form of the Tinker protocol, such as `skillrl trainer start`. Nothing is sent before `open`.
 *
 * An answer that was lost is asked for again under the number of its call, so that nothing is computed twice; a trainer that restarted and has
 * lost steps shows by its numbers.
 *
 * @throws {ConfigError} `TRAINER_URL_INVALID`, `API_KEY_INVALID`, `TRAINER_MODEL_UNKNOWN`
 * @throws on a call {TrainerError} those of `TrainableModel`, `TOKEN_WRONG`, `TRAINER_TIMEOUT`, `QUEUE_FULL`, `BATCH_TOO_LARGE`, `REPLY_INVALID`,
 * `ARCHIVE_INVALID`, `LOSS_NOT_FINITE`, `TRAINER_FAILED`, or a code of the server; {UnsupportedError} `CAPABILITY_MISSING` for what the dialect rules out.
 */
export function tinkerTrainer(options: TinkerTrainerOptions): Trainer {
  const { heartbeatMs = 10_000, reconnectMs = 120_000, resultMs = 1_800_000, backoffMs = 100 } = options;
  const dialect: TinkerDialect =
    typeof options.dialect === 'object' ? options.dialect : tinkerDialects[options.dialect ?? 'skillrl'];
  if (!dialect.describesModels && options.model === undefined) throw modelUnknown(dialect);
  const { url, authorization } = serverAddress(options.url, 'TRAINER_URL_INVALID', options.token);
  const { pollSeconds } = dialect;
  const wire = tinkerWire({ url, authorization, reconnectMs, resultMs, backoffMs, longestWaitMs: 5_000, pollSeconds });
  const sessions = tinkerSessions(wire, heartbeatMs);
  let created = 0;

  /** Makes a model; with a number of the session's own, so that a repetition makes no second one. */
  async function create(asked: TrainableModelOptions, sessionId: string): Promise<ModelPlace> {
    created += 1;
    const body = {
      session_id: sessionId,
      base_model: asked.base,
      lora_config: adapterOf(asked.form ?? 'full', dialect),
      model_seq_id: created,
      ...(asked.baseSha256 === undefined || !dialect.describesModels ? {} : { base_sha256: asked.baseSha256 }),
    };
    const { numbered: repeatable } = dialect;
    const { model_id: id, request_id: requestId } = await wire.post('/create_model', body, createReply, { repeatable });
    if (dialect.describesModels) return placeOf(await wire.result('/create_model', requestId, infoReply));
    await wire.result('/create_model', requestId, anyReply);
    // It is the caller who knows the model here.
    const known = options.model as Pick<TrainableModelInfo, 'vocabulary' | 'context' | 'base'>;
    if (asked.baseSha256 !== undefined && asked.baseSha256 !== known.base) throw otherBase(asked.base, known.base);
    return { id, sequence: 0, info: { ...known, kind: 'lora' }, asked };
  }

  /** In the session of this process, or in another when that has ended. */
  async function createInSession(asked: TrainableModelOptions): Promise<ModelPlace> {
    const sessionId = await sessions.own();
    if (dialect.leaksGradients) await sweep(asked, sessionId);
    try {
      return await create(asked, sessionId);
    } catch (error) {
      if (!(error instanceof TrainerError) || error.code !== 'SESSION_UNKNOWN') throw error;
      sessions.forget(sessionId);
      return create(asked, await sessions.own());
    }
  }

  /** A model that is not kept takes away the gradient that another one left: a step of rate 0 applies and clears it. */
  async function sweep(asked: TrainableModelOptions, sessionId: string): Promise<void> {
    const { id } = await create(asked, sessionId);
    const once = { repeatable: false };
    const step = { model_id: id, seq_id: 1, adam_params: { learning_rate: 0 } };
    await wire.compute('/optim_step', step, anyReply, once);
    await wire.compute('/unload_model', { model_id: id }, anyReply, once);
  }

  async function find(id: string): Promise<ModelPlace | undefined> {
    try {
      const info = await wire.post('/get_info', { model_id: id }, infoReply, { repeatable: true });
      sessions.keep(info.session_id);
      return placeOf(info);
    } catch (error) {
      if (error instanceof TrainerError && error.code === 'MODEL_UNKNOWN') return undefined;
      throw error;
    }
  }

  function hold(place: ModelPlace, isLost: boolean): TrainableModel {
    const findOrMake = async ({ id, asked }: ModelPlace): Promise<ModelPlace> => {
      const found = dialect.numbered ? await find(id) : undefined;
      return found ?? createInSession(asked);
    };
    return new TinkerModel({ wire, dialect, place, isLost, find: findOrMake });
  }

  return {
    id: `tinker:${url}`,
    open: async (asked) => hold(await createInSession(asked), false),
    async reopen(id) {
      if (!dialect.numbered) return undefined;
      const place = await find(id);
      return place === undefined ? undefined : hold(place, true);
    },
    close: async () => sessions.end(),
  };
}

function placeOf(info: InfoReply): ModelPlace {
  const { base_model: base, base_sha256: baseSha256, lora_rank: rank, lora_alpha: alpha } = info;
  return {
    id: info.model_id,
    sequence: info.seq_id,
    info: {
      base: baseSha256,
      vocabulary: info.vocabulary,
      context: info.context,
      kind: info.is_lora ? 'lora' : 'full',
      trainable: info.trainable_parameters,
    },
    asked: { base, baseSha256, form: rank === null ? 'full' : { rank, alpha: alpha ?? undefined } },
  };
}

function adapterOf(form: NonNullable<TrainableModelOptions['form']>, dialect: TinkerDialect): object | null {
  if (form === 'full') {
    if (dialect.full) return null;
    throw unsupported(dialect, 'trains adapters alone', 'Ask for a form with a rank.');
  }
  const { rank, alpha, seed } = form;
  if (alpha !== undefined && dialect.alpha !== 'free' && alpha !== dialect.alpha) {
    throw unsupported(dialect, `has alpha fixed to ${dialect.alpha}`, `Leave it out, or ask for ${dialect.alpha}.`);
  }
  return {
    rank,
    ...(alpha === undefined || dialect.alpha !== 'free' ? {} : { alpha }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function unsupported({ name }: TinkerDialect, what: string, hint: string): UnsupportedError {
  const message = `A server of the dialect '${name}' ${what}.`;
  return new UnsupportedError('trainer', { code: 'CAPABILITY_MISSING', message, hint });
}

function modelUnknown({ name }: TinkerDialect): ConfigError {
  return new ConfigError({
    code: 'TRAINER_MODEL_UNKNOWN',
    message: `A server of the dialect '${name}' does not tell the size of its models.`,
    hint: 'Give vocabulary, context and the SHA-256 of the base as the option `model`.',
  });
}

function otherBase(name: string, found: string): TrainerError {
  return new TrainerError({
    code: 'BASE_MISMATCH',
    message: `The weights of '${name}' are ${found}.`,
    hint: 'Give sampler and trainer the same model.',
  });
}
