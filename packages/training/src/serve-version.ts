import {
  SkillError,
  systemClock,
  type Checkpoint,
  type ModelServer,
  type SavedWeights,
  type ServedVersion,
  type TrainableModel,
} from '@skillrl/core';

import type { IterationPorts } from './iteration-ports.ts';
import type { IterationState } from './iteration-state.ts';
import type { Phases } from './phases.ts';
import { surviving } from './surviving.ts';

/** What a version is called by the registry and the server: no other run has such names. */
export function versionName(run: string, number: number): string {
  return `${run}-v${number}`;
}

/** Writes under the first name that is not taken: what a process that died had written under the one before is obsolete. */
async function underFreeName<Result>(name: string, write: (name: string) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write(attempt === 1 ? name : `${name}-${attempt}`);
    } catch (error) {
      const isTaken = error instanceof SkillError && ['CHECKPOINT_EXISTS', 'FOLDER_EXISTS'].includes(error.code);
      if (!isTaken || attempt === 100) throw error;
    }
  }
}

/** Saves the weights that the trainer holds. */
export function saveAs(name: string, model: TrainableModel, phases: Phases): Promise<SavedWeights> {
  return underFreeName(name, async (free) => {
    await phases.writing(model.pathOf('save', free));
    return model.save(free);
  });
}

/** A version that is to answer. */
export interface NewVersion {
  readonly run: string;
  readonly number: number;
  /** Absent for the base. */
  readonly parent?: number;
  readonly weights: SavedWeights;
  /** The revision its last rollouts read. */
  readonly bankRevision: number;
}

/** Exports saved weights and makes them answer under a name of their own; what is live stays. Both may be done again. */
export async function exportAndServe(
  { run, number, parent, weights, bankRevision }: NewVersion,
  { model, server, weightsFolder, tokenizer, bank, clock = systemClock }: IterationPorts,
  phases: Phases,
): Promise<ServedVersion> {
  const version = versionName(run, number);
  const exported = await phases.once('exported', () =>
    surviving(async () => {
      await model.load(weights.path);
      return underFreeName(version, async (name) => {
        await phases.writing(model.pathOf('export', name));
        const folder = weightsFolder(name);
        const written = await model.exportWeights(name, folder, { keep: server.capabilities.samplers });
        return { folder, ...written, createdAt: clock.now() };
      });
    }),
  );
  const checkpoint: Checkpoint = {
    version,
    ...(parent !== undefined && { parent: versionName(run, parent) }),
    kind: model.info.kind,
    base: model.info.base,
    tokenizer,
    path: exported.folder,
    sha256: exported.sha256,
    ...(exported.sampler !== undefined && { sampler: exported.sampler }),
    ...(bank !== undefined && { bankRevision }),
    createdAt: exported.createdAt,
  };
  const { served } = await phases.once('served', async () => ({ served: await server.publish(checkpoint) }));
  return served;
}

/** Takes away what a state that is written needs no more: at the trainer, and of the versions of this run at the server. May be done again. */
export async function removeObsolete(
  state: IterationState,
  { model, server }: Pick<IterationPorts, 'model' | 'server'>,
): Promise<void> {
  for (const path of state.obsolete) await model.remove(path);
  await removeOldVersions(state, server);
}

/** Those that are neither served nor were ever seen live. One that somebody made live just now stays, and is seen in the next iteration. */
async function removeOldVersions(
  { run, served, published, newest }: IterationState,
  server: ModelServer,
): Promise<void> {
  const kept = new Set([served.version, ...published]);
  const own = new Set(Array.from({ length: newest + 1 }, (_, number) => versionName(run, number)));
  for (const { version } of await server.versions()) {
    if (!own.has(version) || kept.has(version)) continue;
    try {
      await server.remove(version);
    } catch (error) {
      if (!(error instanceof SkillError && error.code === 'VERSION_LIVE')) throw error;
    }
  }
}
