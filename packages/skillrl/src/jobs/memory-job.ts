import { readFileSync } from 'node:fs';

import {
  type EndpointName,
  listedTask,
  type Manifest,
  outageNotes,
  type Protocol,
  refuseSharedTasks,
  type Report,
  writeManifest,
} from '@skillrl/bench';
import { type BankEntry, contentHash, InputError, noProgress, type Rollout, type Task } from '@skillrl/core';
import { builtinPolicyPath, type FileLock, fileLock, isHnswAvailable, sqlite } from '@skillrl/drivers';
import { configuredModel } from '../models.ts';
import { learn, type LearnReport, referenceBlock } from '@skillrl/memory';
import { collect, planRollouts } from '@skillrl/rollouts';

import type { Config } from '../config.ts';
import { makeFolder, projectFolder, type RunFolder } from '../project-folder.ts';
import { type ArmName, armDescriptions, basePolicy, isCompact } from './arms.ts';
import {
  type JobOptions,
  keepManifest,
  keepReport,
  playArms,
  servedEntries,
  type Stores,
  withWorkers,
} from './bench-job.ts';
import { codeVersion } from './code-version.ts';
import { type GamesSource, openGamesFrom } from './games.ts';
import type { PlaySetup } from './open-play.ts';

/** What a memory job asks, on which games, with which arms. */
export interface MemoryJobPlan {
  readonly question: string;
  /** `retry` learns from a first attempt at the very games it plays again, in a bank that belongs to the run alone. */
  readonly protocol: Protocol;
  readonly games: GamesSource;
  /** `none` first: the arm every other is compared with. */
  readonly arms: readonly ArmName[];
  readonly primary: { readonly endpoint: EndpointName; readonly arm: ArmName };
  /** Default [20, 50]. */
  readonly successWithin?: readonly number[];
  /** Plays of each game by each arm. Default 1. */
  readonly samples?: number;
  /** Changes every draw of the policy. Default 1. */
  readonly seed?: number;
  readonly panelName: string;
  readonly panelSeed?: string;
  readonly sampleSize: string;
}

export interface MemoryJobResult {
  readonly report: Report;
  readonly folder: RunFolder;
  readonly learned: LearnReport;
  readonly examples: { readonly lesson?: BankEntry; readonly demonstration?: BankEntry };
}

/**
 * Plays games without memory, plays the games to learn from, learns, and plays the first games again with memory: same model, same draws,
 * paired by game. Resumable: what the run's folder already holds is not played again, but for what errored.
 *
 * @throws {InputError} `ARM_MISSING` when `none` or the primary arm is not among the arms, `PANEL_LEAK` when a game to learn from is in the
 * panel; {StoreError} `LOCKED` while another process plays the same run.
 */
export async function runMemoryJob(
  config: Config,
  plan: MemoryJobPlan,
  options: JobOptions = {},
): Promise<MemoryJobResult> {
  const { signal, progress = noProgress } = options;
  const games = await openGamesFrom(plan.games);
  await games.environment.close();
  const learning = plan.protocol === 'retry' ? games.tasks : games.learning;
  if (plan.protocol === 'transfer') refuseSharedTasks(games.tasks, learning);
  const planned = await manifestOf(config, plan, games.tasks, learning, signal);
  const folder = projectFolder(config.folder).run(planned.id);
  makeFolder(folder.root);
  const manifest = keepManifest(folder, planned);

  const store = sqlite({ path: folder.database });
  let lock: FileLock | undefined;
  try {
    lock = fileLock(folder.lock, `the run ${manifest.id}`);
    const stores: Stores = { episodes: store.episodes, entries: store.entries };
    const setup: PlaySetup = { config, games: plan.games, database: folder.database, revision: 0 };
    const play = (arms: readonly ArmName[], revision: number, stage: string): Promise<readonly Rollout[]> =>
      playArms(manifest, arms, games.tasks, { ...setup, revision }, stores, { signal, progress, stage });

    const without = await play(['none'], 0, 'held-out games, no memory');
    const memoryArms = plan.arms.filter((arm) => arm !== 'none');
    const firstPlays = await playLearning(manifest, learning, setup, stores, {
      ...options,
      // Once a play has read the bank, every play reads that bank: nothing more is learned.
      retryErrored: !(await hasPlayed(manifest, memoryArms, stores)),
    });
    const learned = await learn(
      { ...stores, progress },
      { namespace: config.namespace, episodeIds: firstPlays.map(({ episode }) => episode.id), signal },
    );
    const revision = await stores.entries.revision();
    const withMemory = await play(memoryArms, revision, 'held-out games, other arms');

    const entries = await servedEntries(stores.entries, config.namespace, revision);
    const examples = { lesson: bestOf(entries, 'lesson'), demonstration: bestOf(entries, 'demonstration') };
    const notes = [
      ...(isHnswAvailable()
        ? []
        : ['hnswlib-node is not compiled here: the exact flat index answers, with the same results.']),
      ...outageNotes(firstPlays, 'game to learn from', 'games to learn from'),
    ];
    const report = keepReport(
      folder,
      manifest,
      [...without, ...withMemory],
      {
        learned: countKinds(entries),
        examples: Object.values(examples).flatMap((entry) =>
          entry === undefined ? [] : [asExample(entry, games.tasks)],
        ),
      },
      notes,
    );
    return { report, folder, learned, examples };
  } finally {
    await store.close();
    lock?.release();
  }
}

/** Whether a play with memory is stored. */
async function hasPlayed({ id: suite }: Manifest, arms: readonly string[], { episodes }: Stores): Promise<boolean> {
  for (const arm of arms) {
    for await (const _ of episodes.episodes({ tags: { suite, arm }, limit: 1 })) return true;
  }
  return false;
}

async function manifestOf(
  config: Config,
  plan: MemoryJobPlan,
  tasks: readonly Task[],
  learning: readonly Task[],
  signal?: AbortSignal,
): Promise<Manifest> {
  const {
    question,
    protocol,
    arms,
    primary,
    successWithin = [20, 50],
    samples = 1,
    seed = 1,
    panelName,
    panelSeed,
    sampleSize,
  } = plan;
  if (!arms.includes('none') || !arms.includes(primary.arm)) {
    throw new InputError({
      code: 'ARM_MISSING',
      message: `The arms ${arms.join(', ')} hold no 'none' or no '${primary.arm}', and these two are compared.`,
      hint: 'Name both with --arms.',
    });
  }
  const policy = await describePolicy(config, signal);
  return writeManifest({
    question,
    protocol,
    primary: { ...primary, against: 'none' },
    arms: arms.map((name) => ({ name, description: armDescriptions[name], policy })),
    panel: { name: panelName, seed: panelSeed, tasks: tasks.map(listedTask) },
    learning: learning.map(listedTask),
    samples,
    seed,
    successWithin,
    sampleSize,
    stoppingRule: 'a fixed number of games',
    purpose: 'test',
    versions: {
      code: codeVersion(),
      model: modelHash(config),
      embedder: config.embedder,
      budgetTokens: String(config.budgetTokens),
    },
    createdAt: new Date().toISOString(),
  });
}

function learningSuite(manifest: Manifest): string {
  return `${manifest.id}/learning`;
}

/** Plays the games to learn from once each, without memory; other draws than the compared plays have. */
async function playLearning(
  manifest: Manifest,
  tasks: readonly Task[],
  setup: PlaySetup,
  stores: Stores,
  options: JobOptions & { readonly retryErrored: boolean },
): Promise<readonly Rollout[]> {
  const specs = planRollouts({
    suite: learningSuite(manifest),
    arms: ['none'],
    tasks,
    purpose: 'train',
    seed: manifest.seed + 7_919,
  });
  return withWorkers(setup, (runner) =>
    collect(specs, runner, stores.episodes, { ...options, stage: 'games to learn from' }),
  );
}

/** Asks the model for one token first, so that a server that is not there is said at once and not 150 times. */
async function describePolicy(config: Config, signal?: AbortSignal): Promise<{ name: string; version: string }> {
  const model = configuredModel(config);
  try {
    const prompt = isCompact(config.model) ? 'task' : [{ role: 'user' as const, content: 'Say yes.' }];
    await model.chat({ prompt, maxTokens: 1, signal });
    const { name, version } = basePolicy(model, config);
    return { name, version };
  } finally {
    await model.close?.();
  }
}

/** What tells a model from another one, or from what it was before, where that can be told. */
function modelHash({ model, folder }: Config): string {
  if (model.startsWith('policy:')) return configuredModel({ model, folder }).id;
  if (!model.startsWith('llama:') && !model.startsWith('builtin:')) return model;
  const path = model.startsWith('llama:')
    ? model.slice('llama:'.length)
    : builtinPolicyPath(model.slice('builtin:'.length) as 'base' | 'warm');
  return contentHash(readFileSync(path, 'base64')).slice(0, 16);
}

function countKinds(entries: readonly BankEntry[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(entries, ({ kind }) => kind)].map(([kind, group]) => [kind, group.length]));
}

/** An entry of a kind to show: one that says what to do instead if there is one, and of these the one with the most evidence. */
function bestOf(entries: readonly BankEntry[], kind: BankEntry['kind']): BankEntry | undefined {
  const warnings = ({ machine }: BankEntry): number => Math.min(1, machine?.instead?.length ?? 0);
  return entries
    .filter((entry) => entry.kind === kind)
    .toSorted((a, b) => warnings(b) - warnings(a) || b.evidence.length - a.evidence.length)[0];
}

function asExample(entry: BankEntry, tasks: readonly Task[]): Report['entries']['examples'][number] {
  const [task] = tasks;
  return {
    kind: entry.kind,
    title: entry.title,
    text: task === undefined ? entry.title : referenceBlock.render([entry], task),
  };
}
