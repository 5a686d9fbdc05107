import { type Environment, InputError, type Policy } from '@skillrl/core';

import type { RolloutRunner } from './collect.ts';
import { runEpisode, type RunEpisodeOptions } from './run-episode.ts';

/**
 * Runs rollouts in this thread.
 *
 * @param policies - by the name of the arm.
 * @param parallel - episodes in flight; more than one helps when the policy waits for a server. Default 1.
 */
export function localRunner(
  environment: Environment,
  policies: Readonly<Record<string, Policy>>,
  { parallel = 1, ...options }: { readonly parallel?: number } & Omit<RunEpisodeOptions, 'signal'> = {},
): RolloutRunner {
  return {
    parallel,
    run: (spec, signal) => {
      const policy = policies[spec.arm];
      if (policy === undefined) {
        throw new InputError({
          code: 'ARM_UNKNOWN',
          message: `No policy plays the arm '${spec.arm}'.`,
          hint: `Arms: ${Object.keys(policies).join(', ')}.`,
        });
      }
      return runEpisode(spec, environment, policy, { ...options, signal });
    },
    close: async () => {},
  };
}
