import { join } from 'node:path';

import { ModelServerError, SkillError, TrainerError, type Checkpoint, type ModelServer } from '@skillrl/core';

import { promptIdsOf } from '../models/byte-tokenizer.ts';
import { tinkerSamplers, type TrainerAddress } from '../trainers/tinker/samplers.ts';
import { checkCheckpoint, ggufFile, refuseName, weightsFile } from './checkpoint-files.ts';
import { recordOf, VersionFolder, versionLive, type VersionRecord } from './version-folder.ts';

export interface TrainerServerOptions {
  /** Where the versions and the name of the live one are noted, each with a file of its vocabulary; made by the first publication. */
  readonly folder: string;
  /** Where the trainer answers. Asked at every call. */
  readonly trainer: () => TrainerAddress;
  /** Whether the model strings say where the trainer answers. Default `false`: whoever opens them knows it. */
  readonly isNamed?: boolean;
  /** What the canary is asked to continue. Default `task`. */
  readonly canary?: string;
  /** How long a trainer that does not answer, or is busy, is asked again, in milliseconds; a restart fits in. Default 120,000. */
  readonly reconnectMs?: number;
}

/**
 * Serves versions from the trainer that made them: a publication notes which of its checkpoints is the version, and nothing is copied but a file of
 * the vocabulary. The trainer must keep old versions as they were, as that of the dialect `skillrl` does.
 *
 * A version lives as long as the trainer's checkpoint: weights of elsewhere cannot be published here.
 */
export function trainerServer(options: TrainerServerOptions): ModelServer {
  const { trainer, isNamed = false, canary = 'task', reconnectMs = 120_000 } = options;
  const folder = new VersionFolder(options.folder);
  const samplers = tinkerSamplers({ address: trainer, reconnectMs, resultMs: 600_000 });
  const id = isNamed ? `trainer:${trainer().url}` : 'trainer';
  const suffix = isNamed ? `@${trainer().url}` : '';
  const modelOf = (path: string, version: string): string => `${path}${suffix}#${join(folder.path, version, ggufFile)}`;

  return {
    id,
    capabilities: { tokens: true, samplers: true },
    liveModel: `policy:live@${folder.path}`,
    publish: (checkpoint) =>
      folder.change(`publish ${checkpoint.version} at ${id}`, () =>
        atTrainer(async () => {
          const { version, sampler } = checkpoint;
          refuseName(version);
          const known = await folder.known(checkpoint, id);
          if (known !== undefined) return folder.served(await serve(known));
          const hashes = await checkCheckpoint(checkpoint, [ggufFile], await folder.liveRecord());
          if (sampler === undefined) throw notKept(checkpoint, id);
          await refuseOtherWeights(checkpoint, sampler);
          const record = await folder.add(
            { ...recordOf(checkpoint), model: modelOf(sampler, version) },
            checkpoint.path,
            hashes,
            (part) => askCanary(checkpoint, sampler, part),
          );
          return folder.served(record);
        }),
      ),
    goLive: (version) =>
      folder.change(`make ${version} live at ${id}`, () =>
        atTrainer(async () => {
          await serve(await folder.recordToFollow(version, id));
          await folder.setLive(version);
        }),
      ),
    live: () => folder.servedLive(),
    versions: () => folder.servedVersions(),
    remove: (version) =>
      folder.change(`remove ${version} at ${id}`, () =>
        atTrainer(async () => {
          refuseName(version);
          const record = await folder.find(version);
          if (record === undefined) return;
          if (folder.live() === version) throw versionLive(version);
          // First what nothing else tells of.
          await samplers.remove(pathOf(record));
          await folder.remove(version);
        }),
      ),
    close: async () => {},
  };

  /**
   * Looks whether the trainer still has a version of before. It may answer at another address than then, which the record then says.
   *
   * @throws {ModelServerError} `VERSION_GONE`; `CHECKPOINT_CORRUPT` when it has other weights there.
   */
  async function serve(known: VersionRecord): Promise<VersionRecord> {
    const path = pathOf(known);
    await refuseOtherWeights(known, path);
    const record = { ...known, model: modelOf(path, known.version) };
    if (record.model !== known.model) await folder.restate(record);
    return record;
  }

  /** The trainer keeps what was exported, and not something else under its path. */
  async function refuseOtherWeights(
    { version, sha256 }: Pick<Checkpoint, 'version' | 'sha256'>,
    path: string,
  ): Promise<void> {
    const found = (await filesOf(version, path))[weightsFile];
    if (found === sha256) return;
    throw new ModelServerError({
      code: 'CHECKPOINT_CORRUPT',
      message: `The trainer keeps other weights under ${path} than those of ${version}.`,
      hint: 'Export the version again; what is live is live.',
    });
  }

  async function filesOf(version: string, path: string): Promise<Readonly<Record<string, string>>> {
    try {
      return await samplers.files(path);
    } catch (error) {
      if (error instanceof TrainerError && error.code === 'CHECKPOINT_UNKNOWN') throw gone(version, id, error);
      throw error;
    }
  }

  /** Asks the version for a token, by the vocabulary that lies beside its record. */
  async function askCanary({ version }: Checkpoint, path: string, part: string): Promise<void> {
    try {
      const prompt = await promptIdsOf(join(part, ggufFile), canary);
      await samplers.sample(path, prompt, { maxTokens: 1, temperature: 0 });
    } catch (cause) {
      if (cause instanceof TrainerError && cause.code === 'TRAINER_UNREACHABLE') throw cause;
      throw new ModelServerError({
        code: 'CANARY_FAILED',
        message: `The version ${version} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Its files or the trainer may be damaged: export it again. What was live is live.',
        cause,
      });
    }
  }
}

/** The trainer's own path, with which the model string begins. */
function pathOf({ model = '' }: VersionRecord): string {
  return /^tinker:\/\/[^@#]*/.exec(model)?.[0] ?? '';
}

/** The trainer's failures, as those of a model server. */
async function atTrainer<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TrainerError)) throw error;
    const code = error.code === 'TRAINER_UNREACHABLE' ? 'SERVER_UNREACHABLE' : 'SERVER_FAILED';
    const { message, hint, retryable } = error;
    throw new ModelServerError({ code, message, hint, retryable, cause: error });
  }
}

function gone(version: string, id: string, cause: SkillError): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_GONE',
    message: `'${id}' has not kept the weights of ${version}, so it cannot answer with them.`,
    hint: 'A trainer takes no weights in: publish the version at a server that loads its files, such as llama-cpp.',
    cause,
  });
}

function notKept({ version }: Checkpoint, id: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_GONE',
    message: `'${id}' serves what its trainer keeps, and of ${version} it keeps nothing.`,
    hint: 'Publish it at a server that loads its files, such as llama-cpp; a run that samples from its trainer keeps its versions.',
  });
}
