import type { ChatModel, EntryStore, EpisodeStore, Policy } from '@skillrl/core';
import { createVectorIndex } from '@skillrl/drivers';
import { embedder, embedderOf } from '../models.ts';
import { alfworldPrompts, compactPolicy, compactRenderer } from '@skillrl/environments';
import {
  armSelections,
  createRecaller,
  placeboRecaller,
  replayPolicy,
  type RecallPorts,
  withSkills,
} from '@skillrl/memory';
import { promptedPolicy } from '@skillrl/rollouts';
import { entriesForHalf } from '@skillrl/training';

import type { Config } from '../config.ts';

/** The ways a suite can be played, and what each is for. */
export const armDescriptions = {
  none: 'no memory',
  skills: 'every entry the bank has for the task',
  'demonstrations-only': 'only what successes left',
  'lessons-only': 'only what failures taught',
  'facts-only': 'only where things were found',
  placebo: 'entries of another house, of the same kinds and about the same length',
  replay: 'the stored actions of the nearest demonstration, without a model',
} as const;

export type ArmName = keyof typeof armDescriptions;
export const armNames = Object.keys(armDescriptions) as ArmName[];

export interface ArmPorts {
  readonly model: ChatModel;
  readonly entries: EntryStore;
  readonly episodes: EpisodeStore;
  /** The bank every arm is pinned to. */
  readonly revision: number;
  readonly config: Config;
}

/** The policy without memory: the compact one for models that continue raw text of the built-in kind, prompts for chat models. */
export function basePolicy(model: ChatModel, config: Pick<Config, 'temperature' | 'model'>): Policy {
  return isCompact(config.model)
    ? compactPolicy(model, { temperature: config.temperature })
    : promptedPolicy(model, alfworldPrompts, { temperature: config.temperature });
}

/**
 * Whether the model was trained on the compact text: the built-in ones, what was trained from them, GGUF files, what is asked by token ids, and of
 * Ollama's those whose vocabulary is given. Others are asked in prose.
 */
export function isCompact(model: string): boolean {
  return /^(?:builtin|llama|policy|vllm|tinker):/.test(model) || /^ollama:.*#./.test(model);
}

/** The policy that plays an arm. No entry is withheld: a benchmark compares whole arms. */
export async function armPolicy(arm: ArmName, ports: ArmPorts): Promise<Policy> {
  const { model, revision, config } = ports;
  const policy = basePolicy(model, config);
  if (arm === 'none') return policy;
  const recallPorts = recallPortsOf(ports);
  if (arm === 'replay') return replayPolicy(recallPorts, { namespace: config.namespace, revision });
  const options = { ...recallOptions(ports), select: armSelections[arm === 'placebo' ? 'skills' : arm] };
  return withSkills(
    policy,
    arm === 'placebo' ? placeboRecaller(recallPorts, options) : createRecaller(recallPorts, options),
  );
}

/**
 * The policy that plays one side of a training run, `none` or `entries`.
 *
 * @param isHalf - the sides are the halves of groups that are trained on: both note the entries, and one is shown them.
 */
export async function sidePolicy(side: string, isHalf: boolean, ports: ArmPorts): Promise<Policy> {
  const policy = basePolicy(ports.model, ports.config);
  if (side !== 'none' && side !== 'entries') throw new RangeError(`A training run has no side '${side}'.`);
  if (side === 'none' && !isHalf) return policy;
  const recaller = createRecaller(recallPortsOf(ports), recallOptions(ports));
  return withSkills(policy, isHalf ? entriesForHalf(recaller, side) : recaller);
}

function recallPortsOf({ entries, config }: ArmPorts): RecallPorts {
  return { entries, embedder: embedder(config.embedder), embedderOf, createVectorIndex };
}

function recallOptions({ revision, config }: ArmPorts) {
  return {
    namespace: config.namespace,
    revision,
    budgetTokens: config.budgetTokens,
    withholdProbability: 0,
    ...(isCompact(config.model) ? { renderer: compactRenderer } : {}),
    embedTimeoutMs: config.embedderTimeoutMs,
  };
}
