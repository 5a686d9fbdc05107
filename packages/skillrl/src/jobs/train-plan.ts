import { listedTask } from '@skillrl/bench';
import { contentHash, parse } from '@skillrl/core';
import { type TrainingRecipe } from '@skillrl/training';
import { z } from 'zod';

import { codeVersion } from './code-version.ts';
import { evaluationTemperature } from './train-evaluation.ts';
import type { OpenedSets, TrainingSets } from './train-sets.ts';

/** What a training run does: a recipe, on some games, from a base. */
export interface TrainPlan {
  readonly question: string;
  readonly recipe: TrainingRecipe;
  /** `warm`, `base`, a folder with `model-f16.gguf` and `*.safetensors`, or NAME=FOLDER where the trainer knows it by a name. */
  readonly base: string;
  readonly sets: TrainingSets;
  /** Iterations until the run is finished; a run can be gone on with for more. */
  readonly iterations: number;
  /** Iterations between two points of the curve; the first and the last are always on it. 0: no curve. */
  readonly evaluateEvery: number;
  /** Plays of each held-out game, for each point. */
  readonly evaluationPlays: number;
  /** Whether versions that are shown to be better go live. */
  readonly publishes: boolean;
  /**
   * The model server that rollouts are sampled from and versions are published at, such as `ollama:my-policy`; `trainer` is the one that trains. Default
   * `llama-cpp`.
   */
  readonly server?: string;
  /** Trains an adapter of this rank. Default: all parameters. */
  readonly rank?: number;
}

export interface ListedGame {
  readonly id: string;
  readonly hash: string;
}

/** A plan made definite, written before the run. */
export interface TrainManifest extends TrainPlan {
  /** Content hash of everything but the time and the number of iterations. */
  readonly id: string;
  readonly kind: 'training';
  readonly games: {
    readonly train: readonly ListedGame[];
    readonly evaluation: readonly ListedGame[];
    readonly canary: readonly ListedGame[];
    readonly gate: readonly ListedGame[];
  };
  readonly endpoint: string;
  readonly stoppingRule: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/** @param versions - content hashes of what else decides the result: the base, the embedder. */
export function planTraining(
  plan: TrainPlan,
  { train, evaluation, canary, gate }: OpenedSets,
  versions: Readonly<Record<string, string>>,
): TrainManifest {
  const { iterations, ...decisive } = {
    ...plan,
    kind: 'training' as const,
    games: {
      train: train.map(listedTask),
      evaluation: evaluation.map(listedTask),
      canary: canary.map(listedTask),
      gate: gate.map(listedTask),
    },
    endpoint: `success on the held-out games at temperature ${evaluationTemperature}, last point of the curve − first, paired by game`,
    versions: { code: codeVersion(), ...versions },
  };
  return {
    ...decisive,
    iterations,
    stoppingRule: `${iterations} iterations`,
    id: contentHash(JSON.stringify(decisive)).slice(0, 16),
    createdAt: new Date().toISOString(),
  };
}

/** Only what tells it from something else: this program wrote it. */
const manifestSchema = z.object({
  kind: z.literal('training'),
  id: z.string(),
  base: z.string(),
  recipe: z.object({ name: z.string(), seed: z.number() }),
  sets: z.object({}),
  games: z.object({}),
  versions: z.object({ code: z.string() }),
  iterations: z.number(),
});

/** @returns `undefined` for the manifest of another kind of run. @throws {InputError} `SCHEMA_MISMATCH` */
export function parseTrainManifest(value: unknown): TrainManifest | undefined {
  const { kind } = parse(z.object({ kind: z.string().optional() }), value, 'manifest');
  if (kind !== 'training') return undefined;
  parse(manifestSchema, value, 'manifest');
  return value as TrainManifest;
}
