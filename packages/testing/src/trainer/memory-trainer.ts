import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  checkAdam,
  checkSampling,
  checkTrainingSamples,
  newId,
  TrainerError,
  UnsupportedError,
  type TrainableModel,
  type TrainableModelOptions,
  type Trainer,
} from '@skillrl/core';

import { temporaryFolder } from '../temporary-folder.ts';
import { baseHash, type TinyBase, TinyEngine } from './tiny-engine.ts';
import { readState, writeExport, writeState } from './tiny-files.ts';

/**
 * What goes wrong with a call: the trainer dies before it is carried out, or after it and before the answer (in both cases what was not saved
 * is lost); it cannot be reached, and nothing happens; or the disk is full.
 */
export type TrainerFault = 'dies-before' | 'dies-after' | 'unreachable' | 'disk-full';

export interface MemoryTrainerOptions {
  /** Where saves are kept; two trainers over one folder see the same, as before and after a process died. Default: a temporary one. */
  readonly folder?: string;
  /** Default 64. */
  readonly vocabulary?: number;
  /** Default 256. */
  readonly context?: number;
  /** Names of bases, and the seeds of their weights. Default `{ tiny: 1, other: 2 }`. */
  readonly bases?: Readonly<Record<string, number>>;
  /** Asked before every call of a model; `number` counts the calls of all models, from 1. */
  readonly faults?: (call: {
    readonly number: number;
    readonly name: keyof TrainableModel;
  }) => TrainerFault | undefined;
}

/**
 * A `Trainer` in this process, with real gradients of a very small model that looks at the last two tokens. It samples, and it can be made
 * to fail. It trains all parameters; adapters it refuses.
 */
export function memoryTrainer(options: MemoryTrainerOptions = {}): Trainer {
  const { folder = temporaryFolder(), vocabulary = 64, context = 256, faults = () => undefined } = options;
  const { bases = { tiny: 1, other: 2 } } = options;
  /** Goes up when the trainer dies. */
  const life = { boots: 0, calls: 0 };

  function hold(id: string, base: TinyBase, isFresh: boolean): TrainableModel {
    const place = join(folder, id);
    const savePath = (path: string): string => join(folder, ...path.replace('memory://', '').split('/')) + '.save';
    const pathOf = (kind: 'save' | 'export', name: string): string =>
      `memory://${id}/${kind === 'save' ? '' : 'exports/'}${name}`;
    let engine = new TinyEngine(base);
    let boot = isFresh ? life.boots : -1;
    let isClosed = false;

    /** Carries out one call, or fails as it is told to. */
    async function call<Result>(name: keyof TrainableModel, work: () => Result): Promise<Result> {
      if (isClosed) throw failure('MODEL_CLOSED', `The model ${id} was closed.`, 'Open another one.');
      life.calls += 1;
      const fault = faults({ number: life.calls, name });
      if (fault === 'unreachable') throw failure('TRAINER_UNREACHABLE', 'Nothing answers.', 'Try again.', true);
      if (fault === 'dies-before') life.boots += 1;
      if (boot !== life.boots && !['load', 'remove', 'close'].includes(name)) throw restarted(id);
      if (fault === 'disk-full')
        throw failure('DISK_FULL', 'No space is left on the device.', 'Free some space.', true);
      const result = work();
      if (fault !== 'dies-after') return result;
      life.boots += 1;
      throw restarted(id);
    }

    const info = {
      base: baseHash(base),
      tokenizer: 'ids',
      vocabulary,
      context,
      kind: 'full',
      trainable: engine.parameters,
    } as const;
    return {
      id,
      info,
      forward: (samples, loss = { name: 'cross_entropy' }) =>
        call('forward', () => {
          checkTrainingSamples(samples, loss, info);
          return engine.forward(samples, loss);
        }),
      forwardBackward: (samples, loss) =>
        call('forwardBackward', () => {
          checkTrainingSamples(samples, loss, info);
          return engine.forwardBackward(samples, loss);
        }),
      step: (adam) =>
        call('step', () => {
          checkAdam(adam);
          return engine.step(adam);
        }),
      save: (name) =>
        call('save', () => {
          refuseName(name);
          const path = pathOf('save', name);
          if (existsSync(savePath(path))) throw taken(name);
          return { path, sha256: writeState(savePath(path), engine.state()) };
        }),
      load: (path) =>
        call('load', () => {
          const fresh = new TinyEngine(base);
          fresh.restore(readState(savePath(path)));
          engine = fresh;
          boot = life.boots;
        }),
      exportWeights: (name, target, { keep = false } = {}) =>
        call('exportWeights', () => {
          refuseName(name);
          const path = pathOf('export', name);
          if (existsSync(savePath(path))) throw taken(name);
          if (existsSync(target)) throw failure('FOLDER_EXISTS', `${target} exists.`, 'Name a folder that does not.');
          const sha256 = writeExport(target, engine, name);
          if (!keep) return { sha256 };
          writeState(savePath(path), engine.state());
          return { sha256, sampler: path };
        }),
      pathOf,
      remove: (path) => call('remove', () => rmSync(savePath(path), { force: true })),
      sample: (prompt, sampling) =>
        call('sample', () => {
          checkSampling(prompt, sampling, info);
          return engine.sample(prompt, sampling);
        }),
      close: async () => {
        if (isClosed) return;
        await call('close', () => rmSync(join(place, 'model.json'), { force: true }));
        isClosed = true;
      },
    };
  }

  return {
    id: 'memory',
    async open(asked: TrainableModelOptions) {
      const base = { name: asked.base, vocabulary, seed: bases[asked.base] ?? Number.NaN };
      if (Number.isNaN(base.seed)) {
        const known = Object.keys(bases).join(', ');
        throw failure('BASE_UNKNOWN', `There is no base '${asked.base}'.`, `Use one of ${known}.`);
      }
      if (asked.form !== undefined && asked.form !== 'full') {
        throw new UnsupportedError('trainer', {
          code: 'CAPABILITY_MISSING',
          message: 'The in-memory trainer trains all parameters.',
          hint: "Ask for the form 'full'.",
        });
      }
      if (asked.baseSha256 !== undefined && asked.baseSha256 !== baseHash(base)) {
        const hint = 'Give sampler and trainer the same model.';
        throw failure('BASE_MISMATCH', `The weights of '${asked.base}' are not ${asked.baseSha256}.`, hint);
      }
      const id = newId('model');
      mkdirSync(join(folder, id), { recursive: true });
      writeFileSync(join(folder, id, 'model.json'), JSON.stringify(base));
      return hold(id, base, true);
    },
    async reopen(id) {
      const path = join(folder, id, 'model.json');
      if (!existsSync(path)) return undefined;
      return hold(id, JSON.parse(readFileSync(path, 'utf8')) as TinyBase, false);
    },
    close: async () => {},
  };
}

function refuseName(name: string): void {
  if (/^[\w-]{1,64}$/.test(name)) return;
  throw failure('NAME_INVALID', `'${name}' cannot name a save.`, 'Use up to 64 letters, digits, - and _.');
}

function taken(name: string): TrainerError {
  return failure('CHECKPOINT_EXISTS', `The name '${name}' is taken.`, 'Choose another one.');
}

function restarted(id: string): TrainerError {
  return failure('TRAINER_RESTARTED', `What ${id} computed since its last save is lost.`, 'Load a save, and go on.');
}

function failure(code: string, message: string, hint: string, retryable = false): TrainerError {
  return new TrainerError({ code, message, hint, retryable });
}
