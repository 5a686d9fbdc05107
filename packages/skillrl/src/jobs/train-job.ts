import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { contentHash, InputError, type TrainableModel, type TrainableModelOptions, type Trainer } from '@skillrl/core';
import { fileLock, ggufTokenizer, policyRegistry, sqlite, tinkerTrainer, type Tokenizer } from '@skillrl/drivers';
import {
  type IterationState,
  planIteration,
  promoteNothing,
  promoteOnEvidence,
  refuseServer,
  runIteration,
  startTraining,
} from '@skillrl/training';

import type { Config } from '../config.ts';
import { embedder } from '../models.ts';
import { makeFolder, projectFolder, type RunFolder, unknownRun } from '../project-folder.ts';
import { type Stores, withWorkers } from './bench-job.ts';
import { codeVersion } from './code-version.ts';
import { replaceFile } from './durable-file.ts';
import { evaluateWhenDue } from './evaluate-when-due.ts';
import { keepLastVersion } from './keep-last-version.ts';
import { playGatePairs } from './train-gate.ts';
import { fileJournal, readWritten } from './train-journal.ts';
import type { TrainNews } from './train-news.ts';
import { parseTrainManifest, planTraining, type TrainManifest, type TrainPlan } from './train-plan.ts';
import { trainReportHtml } from './train-report-html.ts';
import { buildTrainReport, type TrainReport } from './train-report.ts';
import { type OpenedSets, openTrainingSets } from './train-sets.ts';
import { connectTrainer, type TrainerConnection } from './trainer-connection.ts';
import { baseOf, serverOf, trainingPorts } from './training-ports.ts';

export interface TrainJobOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (news: TrainNews) => void;
  /** Where another trainer than the project's own service answers, up to and with `/api/v1`, and the token it wants. */
  readonly trainer?: { readonly url: string; readonly token?: string };
}

export interface TrainJobResult {
  readonly report: TrainReport;
  readonly folder: RunFolder;
  readonly state: IterationState;
}

/**
 * Trains a policy: iteration after iteration, the held-out games in between. Resumable at any moment, after a kill too: what the run's folder
 * holds is not done again.
 *
 * @throws {InputError} `PANEL_LEAK` when a game is trained on and tested on, `BASE_UNKNOWN`; {UnsupportedError} `TOKENS_UNSUPPORTED` for a server without token ids, `CHECKPOINT_UNSUPPORTED` for one that loads no such weights; {ConfigError} `EMBEDDER_SPEC_INVALID`; {StoreError} `LOCKED` while another process trains the same run; what the
 * trainer, the model server and an iteration throw.
 */
export async function runTrainJob(
  config: Config,
  plan: TrainPlan,
  options: TrainJobOptions = {},
): Promise<TrainJobResult> {
  refuseServer(plan.recipe, plan.rank === undefined ? 'full' : 'lora', serverOf(config, plan));
  // Named wrongly, it would else be told only when the first entries are looked for.
  if (plan.recipe.memory === 'half') await embedder(config.embedder).close?.();
  const sets = await openTrainingSets(plan.sets);
  await sets.environment.close();
  const planned = planTraining(plan, sets, versionsOf(config, plan));
  const folder = projectFolder(config.folder).run(planned.id);
  makeFolder(folder.root);
  if (!existsSync(folder.manifest)) replaceFile(folder.manifest, `${JSON.stringify(planned, undefined, 2)}\n`);
  return train(config, { ...readTrainManifest(config, planned.id), iterations: plan.iterations }, sets, options);
}

/**
 * Goes on with a run from its folder, as far as its manifest says or further.
 *
 * @throws {InputError} `RUN_UNKNOWN`; `RUN_OTHER_CODE`, `RUN_OTHER_SETTINGS` when it was begun by other code or with other settings; what `runTrainJob`
 * throws.
 */
export async function resumeTrainJob(
  config: Config,
  id: string,
  { iterations, ...options }: TrainJobOptions & { readonly iterations?: number } = {},
): Promise<TrainJobResult> {
  const manifest = readTrainManifest(config, id);
  refuseOtherCode(manifest);
  refuseOtherSettings(config, manifest);
  const sets = await openTrainingSets(manifest.sets);
  await sets.environment.close();
  return train(config, { ...manifest, iterations: iterations ?? manifest.iterations }, sets, options);
}

function refuseOtherCode({ id, versions }: TrainManifest): void {
  if (versions['code'] === codeVersion()) return;
  throw new InputError({
    code: 'RUN_OTHER_CODE',
    message: `The run '${id}' was begun by other code than this, so what it would find from here on would be of neither.`,
    hint: 'Begin a run anew with skillrl train run; skillrl train report and export still read the old one.',
  });
}

function refuseOtherSettings(config: Config, manifest: TrainManifest): void {
  const changed = Object.entries(versionsOf(config, manifest)).filter(
    ([name, value]) => value !== manifest.versions[name],
  );
  if (changed.length === 0) return;
  const told = changed.map(([name, value]) => `${name} ${manifest.versions[name]}, which is ${value} now`).join('; ');
  throw new InputError({
    code: 'RUN_OTHER_SETTINGS',
    message: `The run '${manifest.id}' was begun with ${told}.`,
    hint: 'Go on with the settings that it was begun with; skillrl train run with others begins a run of its own.',
  });
}

/** @throws {InputError} `RUN_UNKNOWN` when there is no training run of that name; {FileError} `STATE_DAMAGED` */
export function readTrainManifest(config: Pick<Config, 'folder'>, id: string): TrainManifest {
  const project = projectFolder(config.folder);
  const { manifest: path } = project.run(id);
  if (!existsSync(path)) throw unknownRun(id, project.root);
  const manifest = readWritten(path, 'the plan of a run', parseTrainManifest);
  if (manifest === undefined) throw unknownRun(id, project.root);
  return manifest;
}

/** What a run found out so far, of what its folder holds. */
export async function reportTraining(
  config: Pick<Config, 'folder'>,
  id: string,
  stores?: Stores,
): Promise<TrainReport> {
  const manifest = readTrainManifest(config, id);
  const folder = projectFolder(config.folder).run(id);
  const journal = fileJournal(folder.root);
  const own = stores === undefined ? sqlite({ path: folder.database }) : undefined;
  try {
    const { episodes } = stores ?? own!;
    return await buildTrainReport(manifest, await journal.manifests(), await journal.state(), episodes);
  } finally {
    await own?.close();
  }
}

async function train(
  config: Config,
  manifest: TrainManifest,
  sets: OpenedSets,
  options: TrainJobOptions,
): Promise<TrainJobResult> {
  const { signal = new AbortController().signal, progress = () => {} } = options;
  const folder = projectFolder(config.folder).run(manifest.id);
  const lock = fileLock(folder.lock, `the training run ${manifest.id}`);
  const store = sqlite({ path: folder.database });
  const { namespace } = config;
  let connection: TrainerConnection | undefined;
  let trainer: Trainer | undefined;
  let model: TrainableModel | undefined;
  let tokenizer: Tokenizer | undefined;
  try {
    signal.throwIfAborted();
    const onProgress = (message: string): void => progress({ type: 'notice', message });
    connection =
      options.trainer === undefined ? await connectTrainer(config.folder, { onProgress, signal }) : undefined;
    trainer = tinkerTrainer(options.trainer ?? connection!);
    model = await trainer.open({ base: baseOf(manifest.base).name, form: formOf(manifest) });
    tokenizer = await ggufTokenizer({ modelPath: baseOf(manifest.base).gguf });
    const setup = {
      config: { ...config, model: `llama:${baseOf(manifest.base).gguf}` },
      games: manifest.sets,
      database: folder.database,
      revision: 0,
    };
    return await withWorkers(setup, async (pool) => {
      const parts = { config, manifest, folder, model: model!, tokenizer: tokenizer!, store, pool };
      const ports = await trainingPorts({ ...parts, trainer: options.trainer?.url, signal, progress });
      let state = await startTraining(manifest.id, manifest.recipe, ports);
      await evaluateWhenDue(manifest, state, sets, store, pool, { namespace, signal, progress });
      const promote = manifest.publishes
        ? promoteOnEvidence((request) =>
            playGatePairs({ manifest, tasks: sets.gate, pool, episodes: store.episodes, progress, signal, ...request }),
          )
        : promoteNothing;
      while (state.iteration < manifest.iterations) {
        signal.throwIfAborted();
        const games = { train: sets.train, canary: sets.canary };
        ({ state } = await runIteration(planIteration(manifest.recipe, games, state), state, ports, promote));
        rmSync(folder.weights, { recursive: true, force: true });
        await evaluateWhenDue(manifest, state, sets, store, pool, { namespace, signal, progress });
      }
      await keepLastVersion(state, ports, policyRegistry({ folder: projectFolder(config.folder).policies }));
      rmSync(folder.weights, { recursive: true, force: true });
      return { report: await keepTrainReport(config, manifest.id, folder, store), folder, state };
    });
  } catch (error) {
    // What was found until here can be read, whatever ended it.
    if (existsSync(join(folder.root, 'state.json')))
      await keepTrainReport(config, manifest.id, folder, store).catch(() => undefined);
    throw error;
  } finally {
    await tokenizer?.close().catch(() => undefined);
    await model?.close().catch(() => undefined);
    await trainer?.close().catch(() => undefined);
    await connection?.close();
    await store.close();
    lock.release();
  }
}

function formOf({ rank, recipe }: TrainPlan): TrainableModelOptions['form'] {
  return rank === undefined ? 'full' : { rank, seed: recipe.seed };
}

/** What decides the result besides the plan. */
function versionsOf(
  { embedder, budgetTokens, namespace }: Config,
  { base, recipe }: TrainPlan,
): Record<string, string> {
  const weights = contentHash(readFileSync(baseOf(base).gguf, 'base64')).slice(0, 16);
  return {
    base: weights,
    ...(recipe.memory === 'half' && { embedder, budgetTokens: String(budgetTokens), namespace }),
  };
}

async function keepTrainReport(config: Config, id: string, folder: RunFolder, stores: Stores): Promise<TrainReport> {
  const report = await reportTraining(config, id, stores);
  replaceFile(folder.report, `${JSON.stringify(report, undefined, 2)}\n`);
  replaceFile(folder.page, trainReportHtml(report));
  return report;
}
