import type { Episode, Rollout } from '@skillrl/core';
import { bandOutside, startPassHistory } from '@skillrl/signals';
import {
  creditStatements,
  creditSteps,
  type GroupRecord,
  mergeTurns,
  scoreGroup,
  tokenAdvantages,
  type TrainingRecipe,
} from '@skillrl/training';

import type { RolloutRow } from './rollout-row.ts';

/** A group of one iteration, as its manifest has it, and the version that sampled it. */
export interface SampledGroup {
  readonly run: string;
  readonly iteration: number;
  readonly recipe: TrainingRecipe;
  readonly policyVersion: number;
  readonly record: GroupRecord;
}

/** The rows of a group: its rollouts' sequences with what they earned and counted in training. Rollouts without tokens have none. */
export function rolloutRows(
  { run, iteration, recipe, policyVersion, record }: SampledGroup,
  episodes: readonly Episode[],
): RolloutRow[] {
  const scored = scoreGroup(episodes.map(asRollout), recipe.reward);
  const isDropped = record.weight === 0;
  const credits = creditSteps(scored, recipe.advantage, bandOf(record));
  const statements = creditStatements(scored, recipe);
  return scored.flatMap(({ rollout: { episode }, reward, correct }, index) => {
    const credit = { steps: isDropped ? [] : (credits[index] ?? []), statement: isDropped ? 0 : statements[index] };
    return sequencesOf(episode).map((sequence, position): RolloutRow => {
      const advantages = tokenAdvantages(episode, sequence, credit);
      const sampled = advantages.filter((_, token) => sequence.mask[token] === 1);
      return {
        run_id: run,
        iteration,
        episode_id: episode.id,
        group_id: record.groupId,
        task_id: episode.task.id,
        side: record.side,
        sequence: position,
        policy_version: policyVersion,
        tokenizer: episode.calls[0]?.tokens?.tokenizer ?? '',
        input_ids: sequence.ids,
        completion_mask: sequence.mask.map((isSampled) => isSampled === 1),
        old_log_probs: sequence.logprobs,
        advantages,
        advantage: sampled.reduce((sum, value) => sum + value, 0) / sampled.length,
        weight: record.weight,
        reward,
        success: correct === null ? null : correct === 1,
        steps: episode.steps.length,
        confidence: episode.calls[0]?.confidence ?? null,
      };
    });
  });
}

function sequencesOf(episode: Episode): ReturnType<typeof mergeTurns> {
  return episode.calls.every(({ tokens, newPromptIds }) => tokens !== undefined && newPromptIds !== undefined)
    ? mergeTurns(episode)
    : [];
}

/** How hard the game was found: the label alone is read, and it stands in the record's reasons. */
function bandOf({ groupId, taskId, reasons }: GroupRecord) {
  const band = bandOutside(startPassHistory(taskId), { groupId, policyVersion: 0 });
  return reasons.some(({ code }) => code === 'too-hard') ? { ...band, label: 'too-hard' as const } : band;
}

function asRollout(episode: Episode): Rollout {
  const { suite = '', arm = '', sample = '0' } = episode.tags;
  const { id, task, purpose } = episode;
  return { spec: { id, suite, arm, task, sample: Number(sample), seed: 0, purpose }, episode };
}
