import { TrainerError, type Rollout } from '@skillrl/core';
import { collect } from '@skillrl/rollouts';

import type { IterationPlan } from './iteration-plan.ts';
import type { IterationPorts } from './iteration-ports.ts';
import type { IterationState } from './iteration-state.ts';

/**
 * Plays the plan with the served version, at the bank's revision of the state. What is stored is not played again.
 *
 * @param isCollected - the batch was made before: what errored stays so, or another batch would be trained on.
 * @throws {TrainerError} `ROLLOUTS_FAILED` when every one of them errored, which is played again next time; `TOKENIZER_MIXED` when a rollout's ids belong to another vocabulary than the trainer's.
 */
export async function collectRollouts(
  plan: IterationPlan,
  { served, bankRevision }: IterationState,
  { runner: open, episodes, tokenizer, progress, signal }: IterationPorts,
  isCollected: boolean,
): Promise<readonly Rollout[]> {
  if (plan.groups.length === 0) return [];
  const { number: _number, step: _step, weights: _weights, ...version } = served;
  const runner = await open({ version, bankRevision, halves: plan.recipe.memory === 'half', temperature: 1 });
  try {
    const specs = plan.groups.flatMap((group) => group.rollouts);
    const options = { stage: 'rollouts', progress, signal, retryErrored: !isCollected };
    const rollouts = await collect(specs, runner, episodes, options);
    refuseAllErrored(rollouts);
    refuseForeignTokens(rollouts, tokenizer);
    return rollouts;
  } finally {
    await runner.close();
  }
}

/** One play that errored is left out; where all did, the next iteration would fare no better. */
function refuseAllErrored(rollouts: readonly Rollout[]): void {
  const errors = rollouts.flatMap(({ episode: { outcome } }) => (outcome?.status === 'errored' ? [outcome.error] : []));
  const [first] = errors;
  if (first === undefined || errors.length < rollouts.length) return;
  throw new TrainerError({
    code: 'ROLLOUTS_FAILED',
    message: `None of ${errors.length} rollouts could be played. The first: ${first.code}: ${first.message}`,
    hint: 'See to what it says, most likely of the model server, and go on with the run.',
  });
}

function refuseForeignTokens(rollouts: readonly Rollout[], tokenizer: string): void {
  for (const { episode } of rollouts) {
    const foreign = episode.calls.find(({ tokens }) => tokens !== undefined && tokens.tokenizer !== tokenizer);
    if (foreign === undefined) continue;
    throw new TrainerError({
      code: 'TOKENIZER_MIXED',
      message: `Episode ${episode.id} was sampled with the tokenizer ${foreign.tokens?.tokenizer}, and the policy's is ${tokenizer}.`,
      hint: 'Sample from the version that was served, and open the run on the base it was made from.',
    });
  }
}
