import { contentHash, InputError, type Purpose, type Task } from '@skillrl/core';

/** `transfer`: the bank comes from other tasks. `retry`: a second attempt at the same task. Never in one table. */
export type Protocol = 'transfer' | 'retry';

export interface ArmManifest {
  readonly name: string;
  /** One sentence: what this arm does differently. */
  readonly description: string;
  readonly policy: { readonly name: string; readonly version: string };
  readonly bankRevision?: number;
}

/** What a run is going to do, fixed before it does it. */
export interface Manifest {
  /** Content hash of everything else but the time: the same plan has the same id. */
  readonly id: string;
  readonly question: string;
  readonly protocol: Protocol;
  /** The one comparison the run is about; every other is secondary. */
  readonly primary: { readonly endpoint: EndpointName; readonly arm: string; readonly against: string };
  readonly arms: readonly ArmManifest[];
  readonly panel: {
    readonly name: string;
    readonly seed?: string;
    readonly tasks: readonly { readonly id: string; readonly hash: string }[];
  };
  /** The tasks the bank was, or is going to be, learned from. Empty when it comes from elsewhere. */
  readonly learning: readonly { readonly id: string; readonly hash: string }[];
  readonly samples: number;
  readonly seed: number;
  /** The step counts at which success is counted, rising; the last one is the tasks' own limit. */
  readonly successWithin: readonly number[];
  readonly sampleSize: string;
  readonly stoppingRule: string;
  readonly purpose: Purpose;
  /** Content hashes of what else decides the result: the model, the code. */
  readonly versions: Readonly<Record<string, string>>;
  readonly createdAt: string;
}

/** `success within 20`, `steps`, `tokens`. */
export type EndpointName = `success within ${number}` | 'steps' | 'tokens';

/** Completes a manifest with its id. @throws {InputError} `MANIFEST_INVALID` when the primary comparison names no arm or endpoint of the run. */
export function writeManifest(plan: Omit<Manifest, 'id'>): Manifest {
  const arms = new Set(plan.arms.map((arm) => arm.name));
  const { arm, against, endpoint } = plan.primary;
  if (!arms.has(arm) || !arms.has(against)) {
    throw new InputError({
      code: 'MANIFEST_INVALID',
      message: `The primary comparison is '${arm}' against '${against}', but the arms are ${[...arms].join(', ')}.`,
      hint: 'Name two arms of the run.',
    });
  }
  if (!endpointNames(plan.successWithin).includes(endpoint)) {
    throw new InputError({
      code: 'MANIFEST_INVALID',
      message: `The primary endpoint '${endpoint}' is not measured; measured are ${endpointNames(plan.successWithin).join(', ')}.`,
    });
  }
  const { createdAt: _createdAt, ...decisive } = plan;
  return { ...plan, id: contentHash(JSON.stringify(decisive)).slice(0, 16) };
}

/** Every endpoint of a run, the one with the fewest steps first. */
export function endpointNames(successWithin: readonly number[]): EndpointName[] {
  return [...successWithin.map((steps) => `success within ${steps}` as const), 'steps', 'tokens'];
}

/** A task as manifests list it. */
export function listedTask(task: Task): { id: string; hash: string } {
  return { id: task.id, hash: taskHash(task) };
}

/** Content hash of a task: what a panel lists, so that a changed task is noticed. */
function taskHash(task: Task): string {
  return contentHash(
    JSON.stringify([task.id, task.environment, task.instruction, task.family, task.type, task.maxSteps]),
  ).slice(0, 16);
}
