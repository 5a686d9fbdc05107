import { foldEpisode, ModelServerError, type Episode, type SavedWeights, type ServedVersion } from '@skillrl/core';
import { keyedSeed, planRollouts } from '@skillrl/rollouts';

import type { MismatchReport } from './iteration-manifest.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationPorts } from './iteration-ports.ts';
import type { IterationState } from './iteration-state.ts';
import { mergeTurns } from './merge-turns.ts';
import { asForward, probeMismatch, whyRefused } from './mismatch.ts';
import { surviving } from './surviving.ts';

/** So many plays tell whether a server samples from the weights it was given. */
const checkedPlays = 8;

/**
 * Whether a new version is really what the server answers with: some plays of it are held against the trainer's new weights. A server may go on
 * with the weights of before, or with the base, whatever it was given. The plays are kept nowhere, so that a server that was mended is asked anew.
 *
 * @returns `undefined` where the server gives no token ids.
 * @throws {ModelServerError} `VERSION_MISMATCH`.
 */
export async function checkServed(
  { recipe, games }: IterationPlan,
  { run, bankRevision }: IterationState,
  version: ServedVersion,
  weights: SavedWeights,
  { server, model, runner: open, signal }: IterationPorts,
): Promise<MismatchReport | undefined> {
  if (!server.capabilities.tokens) return undefined;
  const specs = planRollouts({
    suite: `${run}/check/${version.version}`,
    arms: ['none'],
    tasks: (games.canary.length > 0 ? games.canary : games.train).slice(0, checkedPlays),
    purpose: 'gate',
    seed: keyedSeed([recipe.seed, 'check']),
  });
  const episodes: Episode[] = [];
  const runner = await open({ version, bankRevision, halves: false, temperature: 1 });
  try {
    for (const spec of specs) {
      const episode = foldEpisode(await runner.run(spec, signal));
      if (episode !== undefined) episodes.push(episode);
    }
  } finally {
    await runner.close();
  }
  const samples = episodes.flatMap(mergeTurns).map((sequence) => ({ sequence }));
  if (samples.length === 0) return undefined;
  const { logprobs } = await surviving(async () => {
    await model.load(weights.path);
    return model.forward(asForward(samples));
  });
  const report = probeMismatch(samples, logprobs, recipe.mismatch);
  const reason = whyRefused(report, recipe.mismatch, 0);
  if (reason === undefined) return report;
  throw new ModelServerError({
    code: 'VERSION_MISMATCH',
    message: `The server does not sample ${version.version} from the weights that were exported for it. ${reason}`,
    hint: 'It may serve the version before, the base, or another precision. Nothing was published: mend it and go on with the run.',
  });
}
