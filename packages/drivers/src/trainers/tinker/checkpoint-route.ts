import { TrainerError } from '@skillrl/core';

import type { Wire } from './wire.ts';

/** The route of a checkpoint. @throws {TrainerError} `PATH_INVALID` */
export function routeOf(path: string): string {
  const [, run, checkpoint] = /^tinker:\/\/([\w-]+)\/((?:sampler_)?weights\/[\w-]+)$/.exec(path) ?? [];
  if (run !== undefined) return `/training_runs/${run}/checkpoints/${checkpoint}`;
  throw new TrainerError({
    code: 'PATH_INVALID',
    message: `'${path}' is no path of a checkpoint.`,
    hint: 'Give the path that save returned, or one of pathOf.',
  });
}

/** Takes a checkpoint away; nothing happens when it is not there, which is what was asked for. @throws {TrainerError} `PATH_INVALID` */
export async function removeCheckpoint(wire: Wire, path: string): Promise<void> {
  try {
    await wire.remove(routeOf(path));
  } catch (error) {
    if (!(error instanceof TrainerError) || error.code !== 'CHECKPOINT_UNKNOWN') throw error;
  }
}
