import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { InputError, type ModelServer, type TrainableModel } from '@skillrl/core';
import { builtinPolicies, builtinPolicyPath, policyRegistry, type Tokenizer } from '@skillrl/drivers';
import type { IterationPorts } from '@skillrl/training';

import type { Config } from '../config.ts';
import { modelServer } from '../model-servers.ts';
import { makeFolder, projectFolder, type RunFolder } from '../project-folder.ts';
import type { Stores } from './bench-job.ts';
import { expertPlays } from './expert-plays.ts';
import { registeringServer } from './registering-server.ts';
import { fileJournal } from './train-journal.ts';
import type { TrainNews } from './train-news.ts';
import type { TrainManifest, TrainPlan } from './train-plan.ts';
import { gamesOf } from './train-sets.ts';
import type { WorkerPool } from './worker-pool.ts';

/** What a run works with. */
export interface PortParts {
  readonly config: Config;
  readonly manifest: TrainManifest;
  readonly folder: RunFolder;
  readonly model: TrainableModel;
  /** Of the base; whoever opened it closes it. */
  readonly tokenizer: Tokenizer;
  /** Address of the trainer, when it is another than the project's own. */
  readonly trainer?: string;
  readonly store: Stores;
  readonly pool: WorkerPool;
  readonly signal: AbortSignal;
  readonly progress: (news: TrainNews) => void;
}

/** What an iteration needs from outside, of a run in a folder. */
export async function trainingPorts({
  config,
  manifest,
  folder,
  model,
  tokenizer,
  trainer,
  store,
  pool,
  signal,
  progress,
}: PortParts): Promise<IterationPorts> {
  const { recipe } = manifest;
  const { policies } = projectFolder(config.folder);
  return {
    model,
    server: registeringServer(
      serverOf(config, manifest, trainer),
      policyRegistry({ folder: policies }),
      join(folder.root, 'published.json'),
    ),
    episodes: store.episodes,
    journal: fileJournal(folder.root),
    runner: async ({ version, bankRevision, temperature, halves }) => {
      await pool.serve({ model: version.model, revision: bankRevision, temperature, isHalf: halves });
      // The threads stay for the next version.
      return { parallel: pool.parallel, run: pool.run, close: async () => {} };
    },
    weightsFolder: (name) => {
      makeFolder(folder.weights);
      return join(folder.weights, name);
    },
    tokenizer: tokenizer.id,
    ...(recipe.memory === 'half' && { bank: { entries: store.entries, namespace: config.namespace } }),
    ...(recipe.source === 'demonstrations' && {
      demonstrations: expertPlays(await gamesOf(manifest.sets.train), tokenizer.encode),
    }),
    progress,
    signal,
  };
}

/**
 * Where the versions of a run answer. Nothing is contacted.
 *
 * @param trainer - address of the trainer, when it is another than the project's own.
 */
export function serverOf(
  { folder }: Pick<Config, 'folder'>,
  { server = 'llama-cpp', base }: Pick<TrainPlan, 'server' | 'base'>,
  trainer?: string,
): ModelServer {
  const isElsewhere = server === 'trainer' && trainer !== undefined;
  return modelServer(isElsewhere ? `trainer:${trainer}` : server, { folder, tokenizer: baseOf(base).gguf });
}

/**
 * What a run starts from: the name that the trainer knows it by, which is the folder's path unless it has another, and the GGUF file here.
 *
 * @param base - as `TrainPlan` has it.
 * @throws {InputError} `BASE_UNKNOWN` when there is no such file.
 */
export function baseOf(base: string): { readonly name: string; readonly gguf: string } {
  const builtin = builtinPolicies.find((name) => name === base);
  if (builtin !== undefined) return { name: builtin, gguf: builtinPolicyPath(builtin) };
  const [, named, folder = base] = /^([\w.-]+)=(.+)$/s.exec(base) ?? [];
  const gguf = join(resolve(folder), 'model-f16.gguf');
  if (existsSync(gguf)) return { name: named ?? resolve(folder), gguf };
  throw new InputError({
    code: 'BASE_UNKNOWN',
    message: `'${base}' is no base: there is no ${gguf}.`,
    hint: `Name ${builtinPolicies.join(' or ')}, a folder with model-f16.gguf and the weights as *.safetensors, or NAME=FOLDER where the trainer knows it by that name.`,
  });
}
