import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import {
  ModelServerError,
  type EntryStore,
  type EpisodeStore,
  type ModelCall,
  type ModelServer,
  type Policy,
  type PolicyTurn,
  type ServedVersion,
  type Task,
  type TrainableModel,
} from '@skillrl/core';
import { createRecaller, withSkills } from '@skillrl/memory';
import { localRunner } from '@skillrl/rollouts';
import {
  memoryEntryStore,
  memoryEpisodeStore,
  memoryTrainer,
  readTinyExport,
  sampleSequence,
  scriptedEnvironment,
  seededRandom,
  temporaryFolder,
  type MemoryTrainerOptions,
  type TwoTokenModel,
} from '@skillrl/testing';

import { entriesForHalf } from '../src/entries-for-half.ts';
import { memoryJournal, type IterationJournal } from '../src/iteration-journal.ts';
import type { TrainingGames } from '../src/iteration-plan.ts';
import type { IterationPorts } from '../src/iteration-ports.ts';

/** The words a game is won by; a game's type is its word. Token ids: 0 begins a text, then the words, then what a game shows of itself. */
const words = ['red', 'blue', 'green', 'gold'] as const;
const cueOf = (task: Task, hasEntries: boolean): number =>
  1 + words.length + 2 * words.indexOf(task.type as (typeof words)[number]) + (hasEntries ? 1 : 0);

export const vocabulary = 1 + 3 * words.length;
const tokenizer = 'ids';
const namespace = 'lab';

/** Games that a policy which says any token wins in about a quarter of plays. */
export function labGames(
  train: number,
  canary: number,
): { games: TrainingGames; environment: ReturnType<typeof scriptedEnvironment> } {
  const scripted = Array.from({ length: train + canary }, (_, index) => {
    const word = words[index % words.length]!;
    return {
      id: `game-${String(index).padStart(3, '0')}`,
      wins: [word],
      type: word,
      family: `room ${index % 3}`,
      maxSteps: 4,
    };
  });
  const environment = scriptedEnvironment(scripted);
  const tasks = scripted.map(({ id, type, family, maxSteps }): Task => ({
    id,
    environment: 'scripted',
    instruction: `Say ${type}.`,
    family,
    type,
    domainKind: 'convergent',
    maxSteps,
  }));
  return { games: { train: tasks.slice(0, train), canary: tasks.slice(train) }, environment };
}

export interface LabOptions {
  readonly train?: number;
  readonly canary?: number;
  readonly trainer?: MemoryTrainerOptions;
  /** Stands between the run and the model that it trains. */
  readonly wrapModel?: (model: TrainableModel) => TrainableModel;
  readonly run?: string;
}

/** Everything a run needs, in this process: games, a policy of two-token weights, stores, a server, a trainer with real gradients. */
export interface Lab {
  readonly games: TrainingGames;
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly journal: IterationJournal;
  readonly server: ModelServer;
  /** Paths of the saves that the trainer has. */
  saves(): readonly string[];
  /** Ports for a process that begins, or goes on with, the run. */
  ports(): Promise<IterationPorts>;
}

export function lab({ train = 16, canary = 20, trainer = {}, wrapModel = (model) => model }: LabOptions = {}): Lab {
  const { games, environment } = labGames(train, canary);
  const folder = trainer.folder ?? temporaryFolder();
  const episodes = memoryEpisodeStore();
  const entries = memoryEntryStore();
  const journal = memoryJournal();
  const served = new Map<string, { readonly version: ServedVersion; readonly model: TwoTokenModel }>();
  const server = labServer(served);
  let modelId: string | undefined;

  return {
    games,
    episodes,
    entries,
    journal,
    server,
    saves: () =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.save'))
        .map((file) => `memory://${file.replace(/\.save$/, '')}`),
    async ports() {
      const engine = memoryTrainer({ vocabulary, ...trainer, folder });
      const isBegun =
        (await journal.phases()).some(({ phase }) => phase === 'saved') || (await journal.state()) !== undefined;
      const known = modelId !== undefined && isBegun ? await engine.reopen(modelId) : undefined;
      const model = known ?? (await engine.open({ base: 'tiny' }));
      modelId = model.id;
      return {
        model: wrapModel(model),
        server,
        episodes,
        journal,
        tokenizer,
        bank: { entries, namespace },
        clock: { now: () => 1_000 },
        weightsFolder: (name) => {
          mkdirSync(join(folder, 'exports'), { recursive: true });
          return join(folder, 'exports', `${model.id}-${name}`);
        },
        runner: async ({ version, bankRevision, halves }) => {
          const weights = served.get(version.version)?.model;
          if (weights === undefined) throw new Error(`Nothing serves ${version.version}.`);
          const policy = labPolicy(weights, version.version);
          const recaller = createRecaller(
            { entries },
            { namespace, revision: bankRevision, withholdProbability: 0, minRelevance: 0 },
          );
          return localRunner(
            environment,
            {
              none: halves ? withSkills(policy, entriesForHalf(recaller, 'none')) : policy,
              entries: withSkills(policy, entriesForHalf(recaller, 'entries')),
            },
            { clock: { now: () => 1_000 } },
          );
        },
      };
    },
  };
}

/** Says one token a turn, after everything it was shown and said before. */
function labPolicy(model: TwoTokenModel, version: string): Policy {
  const idOf = (turn: PolicyTurn): number => cueOf(turn.task, (turn.advice?.entries.length ?? 0) > 0);
  return {
    name: 'lab',
    version,
    act: async (turn, { seed }) => {
      const said = turn.steps.map(({ calls }) => calls.at(-1)?.tokens?.completionIds[0] ?? 0);
      const prompt = [0, idOf(turn), ...said.flatMap((id) => [id, idOf(turn)])];
      const drawn = sampleSequence(model, prompt, { maxTokens: 1 }, seededRandom(seed));
      const [id = 0] = drawn.ids;
      const action = words[id - 1] ?? `token ${id}`;
      const call: ModelCall = {
        id: `${turn.episodeId}.c${turn.steps.length}`,
        parent: turn.steps.at(-1)?.calls.at(-1)?.id,
        model: version,
        newMessages: [],
        newPromptIds: turn.steps.length === 0 ? prompt : prompt.slice(-1),
        completion: action,
        promptTokens: prompt.length,
        completionTokens: 1,
        tokens: { completionIds: drawn.ids, logprobs: drawn.logprobs, tokenizer },
      };
      return { action, calls: [call] };
    },
  };
}

function labServer(
  served: Map<string, { readonly version: ServedVersion; readonly model: TwoTokenModel }>,
): ModelServer {
  let live: string | undefined;
  return {
    id: 'lab',
    capabilities: { tokens: true },
    liveModel: 'lab:live',
    publish: async ({ version, sha256, path }) => {
      const known = served.get(version);
      if (known !== undefined && known.version.sha256 !== sha256)
        throw new ModelServerError({ code: 'VERSION_EXISTS', message: `${version} has other weights.` });
      const made = known?.version ?? { version, model: `lab:${version}`, sha256 };
      if (known === undefined) served.set(version, { version: made, model: readTinyExport(path) });
      return made;
    },
    goLive: async (version) => {
      if (!served.has(version))
        throw new ModelServerError({ code: 'VERSION_UNKNOWN', message: `There is no ${version}.` });
      live = version;
    },
    live: async () => (live === undefined ? undefined : served.get(live)?.version),
    versions: async () => [...served.values()].map(({ version }) => version),
    remove: async (version) => {
      if (version === live) throw new ModelServerError({ code: 'VERSION_LIVE', message: `${version} is live.` });
      served.delete(version);
    },
    close: async () => {},
  };
}
