import { ModelError } from '@skillrl/core';
import type { TrainerAddress } from '@skillrl/drivers';

import { readTrainerState, trainerPlaces } from './jobs/trainer-places.ts';

/**
 * Where the project's trainer answers now.
 *
 * @throws {ModelError} `MODEL_UNREACHABLE` while it does not run.
 */
export function trainerAddress(folder: string): TrainerAddress {
  const state = readTrainerState(trainerPlaces(folder));
  if (state !== undefined) return { url: state.url, token: state.token };
  throw new ModelError({
    code: 'MODEL_UNREACHABLE',
    message: `The trainer of ${folder}, which keeps the version, does not run.`,
    hint: 'Start it: skillrl trainer start.',
    retryable: true,
  });
}
