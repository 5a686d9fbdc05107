import { boundaryError, TrainerError, type TrainableModelInfo, type TrainableModelOptions } from '@skillrl/core';
import type { z } from 'zod';

import type { TinkerDialect } from './dialect.ts';
import { hasLostTrack } from './explain-refusal.ts';
import { anyReply, futureReply } from './replies.ts';
import type { Wire } from './wire.ts';

/** Where a model stands at the server. */
export interface ModelPlace {
  readonly id: string;
  readonly info: TrainableModelInfo;
  /** The last number that the server accepted. */
  readonly sequence: number;
  /** What makes such a model anew. */
  readonly asked: TrainableModelOptions;
}

export interface ModelCallsOptions {
  readonly wire: Wire;
  readonly dialect: TinkerDialect;
  readonly place: ModelPlace;
  /** What the server has computed since the last save is unknown. */
  readonly isLost: boolean;
  /** Finds the model again, or makes another like it. */
  readonly find: (place: ModelPlace) => Promise<ModelPlace>;
}

/** The calls to one model: one at a time, each with its number, and whether the server still stands where they led. */
export class ModelCalls {
  readonly #wire: Wire;
  readonly #dialect: TinkerDialect;
  readonly #find: (place: ModelPlace) => Promise<ModelPlace>;
  #place: ModelPlace;
  #sequence: number;
  #isLost: boolean;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ wire, dialect, place, isLost, find }: ModelCallsOptions) {
    this.#wire = wire;
    this.#dialect = dialect;
    this.#find = find;
    this.#place = place;
    this.#sequence = place.sequence;
    this.#isLost = isLost;
  }

  get id(): string {
    return this.#place.id;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From here on nobody knows what the server has computed, until a save is loaded. */
  lose(): void {
    this.#isLost = true;
  }

  /** A save was loaded: what the server has is known. */
  settle(): void {
    this.#isLost = false;
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Learns where the model stands, or has another one made in its place, for work that makes its state known. Where another was made and the
   * work fails, the model of before stays.
   *
   * @throws {TrainerError} `BASE_MISMATCH` when it is not the same model.
   */
  async recover(work: () => Promise<void>): Promise<void> {
    const [before, sequence] = [this.#place, this.#sequence];
    const place = await this.#find(before);
    const { base } = before.info;
    if (place.info.base !== base) {
      throw new TrainerError({
        code: 'BASE_MISMATCH',
        message: `The trainer's base was ${base} and is ${place.info.base} now.`,
        hint: 'Give it the base of before.',
      });
    }
    this.#place = place;
    this.#sequence = place.sequence;
    if (place.id === before.id) return work();
    try {
      await work();
    } catch (error) {
      this.#place = before;
      this.#sequence = sequence;
      await this.#discard(place.id);
      throw error;
    }
    await this.#discard(before.id);
  }

  /** Lets a model go that is not needed; one that is not there any more is gone already. */
  async #discard(id: string): Promise<void> {
    const body = { model_id: id };
    await this.#wire.compute('/unload_model', body, anyReply, { repeatable: true }).catch((error: unknown) => {
      if (!(error instanceof TrainerError)) throw error;
    });
  }

  /**
   * A call that carries the next number. It is used up when the server took the call; while the outcome is unknown it stays, so that the same
   * call, made again, gets the result of the first.
   */
  async numbered<Reply>(route: string, call: object, reply: z.ZodType<Reply>): Promise<Reply> {
    const number = this.#sequence + 1;
    const body = { model_id: this.id, seq_id: number, ...call };
    const { numbered: repeatable } = this.#dialect;
    for (let isRepeated = false; ; isRepeated = true) {
      let isAccepted = false;
      try {
        const { request_id: requestId } = await this.#wire.post(route, body, futureReply, { repeatable });
        isAccepted = true;
        const result = await this.#wire.result(route, requestId, reply);
        this.#sequence = number;
        return result;
      } catch (error) {
        const code = error instanceof TrainerError ? error.code : '';
        // A restart took the result: the call is made again, and refused if more than that is lost.
        if (code === 'FUTURE_UNKNOWN' && repeatable && !isRepeated) continue;
        const isPending = ['TRAINER_UNREACHABLE', 'TRAINER_TIMEOUT'].includes(code);
        const isUnknown = ['FUTURE_UNKNOWN', 'REPLY_INVALID', ''].includes(code);
        if (isUnknown || (isPending && !repeatable)) this.#isLost = true;
        else if (isAccepted && !isPending) this.#sequence = number;
        throw error;
      }
    }
  }

  /** Runs the work after all that was asked for before. */
  inTurn<Result>(
    work: () => Promise<Result>,
    { whenLost = false }: { readonly whenLost?: boolean } = {},
  ): Promise<Result> {
    const turn = this.#last.then(async () => {
      if (this.#isClosed) throw modelClosed(this.id);
      if (this.#isLost && !whenLost) throw restarted(this.id);
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof TrainerError) || !hasLostTrack(error)) throw boundaryError('trainer', 'ask it', error);
        this.#isLost = true;
        throw restarted(this.id, error);
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function restarted(id: string, cause?: TrainerError): TrainerError {
  const why = cause === undefined ? '' : ` (${cause.message})`;
  return new TrainerError({
    code: 'TRAINER_RESTARTED',
    message: `The trainer no longer has what ${id} computed since its last save${why}.`,
    hint: 'Load the last save, and go on from there.',
    cause,
  });
}

function modelClosed(id: string): TrainerError {
  return new TrainerError({ code: 'MODEL_CLOSED', message: `The model ${id} was closed.`, hint: 'Open another one.' });
}
