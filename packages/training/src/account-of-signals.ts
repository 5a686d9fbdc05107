import type { TrainingBatch } from './build-batch.ts';
import type { AccountOfSignals } from './iteration-manifest.ts';

/** Counts what the signals did to a batch. @returns `undefined` when nothing was played, as where an expert is imitated. */
export function accountOfSignals({ samples, groups }: TrainingBatch): AccountOfSignals | undefined {
  if (groups.length === 0) return undefined;
  const advantages = samples.flatMap(({ sequence, advantages: own }) =>
    own.filter((_, token) => sequence.mask[token] === 1),
  );
  const scored = groups.flatMap((group) => group.scored).filter(({ reward }) => reward !== null);
  const stated = scored.flatMap(({ rollout }) => rollout.episode.calls[0]?.confidence ?? []);
  const trainedAsTooHard = groups.filter(
    ({ record, decision }) => record.weight > 0 && decision.band?.label === 'too-hard',
  );
  return {
    tokens: {
      raised: advantages.filter((advantage) => advantage > 0).length,
      lowered: advantages.filter((advantage) => advantage < 0).length,
      untouched: advantages.filter((advantage) => advantage === 0).length,
    },
    statements: {
      made: stated.length,
      missing: scored.length - stated.length,
      ...(stated.length > 0 && { meanStated: mean(stated) }),
      meanReward: scored.length === 0 ? 0 : mean(scored.map((one) => one.stated)),
    },
    suspects: groups.reduce((sum, { decision }) => sum + decision.suspects.length, 0),
    heldDown: trainedAsTooHard.reduce((sum, { record }) => sum + record.successes, 0),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
