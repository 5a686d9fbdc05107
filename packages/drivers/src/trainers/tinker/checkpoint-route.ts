import { TrainerError } from '@skillrl/core';

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
