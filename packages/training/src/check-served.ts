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
 * Whether a new version is really what the server answers with: some plays of it are held against the trainer's new weights, and against those of the
 * version before, which a server may go on with whatever it was given: one update moves the policy by less than `mismatch` allows. The plays are
 * kept nowhere, so that a server that was mended is asked anew.
 *
 * @returns `undefined` where the server gives no token ids.
 * @throws {ModelServerError} `VERSION_MISMATCH`.
 */
export async function checkServed(
  { recipe, games }: IterationPlan,
  { run, bankRevision, served: before }: IterationState,
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
  const probed = ({ path }: SavedWeights): Promise<MismatchReport> =>
    surviving(async () => {
      await model.load(path);
      return probeMismatch(samples, (await model.forward(asForward(samples))).logprobs, recipe.mismatch);
    });
  const older = await probed(before.weights);
  const report = await probed(weights);
  const reason = whyRefused(report, recipe.mismatch, 0) ?? whyOlder(report, older, before);
  if (reason === undefined) return report;
  throw new ModelServerError({
    code: 'VERSION_MISMATCH',
    message: `The server does not sample ${version.version} from the weights that were exported for it. ${reason}`,
    hint: 'It may serve the version before, the base, or another precision. Nothing was published: mend it and go on with the run.',
  });
}

/** Where both are as near, the update was below the sampler's precision, and nothing is known. */
function whyOlder({ kl }: MismatchReport, older: MismatchReport, { version }: ServedVersion): string | undefined {
  if (older.kl >= kl / 2) return undefined;
  return `It samples from ${version}: KL(sampler ‖ trainer) is ${older.kl.toPrecision(2)} a token with the weights of that, and ${kl.toPrecision(2)} with the new ones.`;
}
