import { TrainerError, type Rollout } from '@skillrl/core';
import { gateGroup, lengthCollapse, type GateDecision } from '@skillrl/signals';

import { difficulty } from './difficulty.ts';
import { creditSteps } from './group-advantages.ts';
import { creditOfEntries, entriesSeen } from './entry-credit.ts';
import { idleInLost } from './idle-steps.ts';
import type { AccountOfRollouts, EntryCredit, GroupRecord } from './iteration-manifest.ts';
import type { IterationPlan, PlannedGroup, Side } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';
import { mergeTurns, type TokenSequence } from './merge-turns.ts';
import { gateOptions } from './plan-iteration.ts';
import { noveltyNote, scoreGroup, type ScoredRollout } from './rewards.ts';
import { creditStatements } from './statement-advantages.ts';
import { tokenAdvantages } from './token-advantages.ts';

/** A sequence of one rollout, and what its tokens count. */
export interface BatchSample {
  readonly episodeId: string;
  readonly groupId: string;
  readonly sequence: TokenSequence;
  /** By token; 0 where the mask is 0. */
  readonly advantages: readonly number[];
  /** What each of its sampled tokens counts, in (0, 1]. */
  readonly weight: number;
}

/** A group that was played, with what came of it. */
export interface JudgedRollouts {
  readonly planned: PlannedGroup;
  readonly scored: readonly ScoredRollout[];
  readonly decision: GateDecision;
  readonly record: GroupRecord;
}

export interface TrainingBatch {
  readonly samples: readonly BatchSample[];
  readonly groups: readonly JudgedRollouts[];
  /** What the entries were worth, game by game. */
  readonly credits: readonly EntryCredit[];
  readonly account: AccountOfRollouts;
  readonly staleness: number;
  readonly notes: readonly string[];
}

/**
 * The rollouts of an iteration as what is trained on. Whole groups are kept or dropped, each with its reasons. What errored, was cut off by a limit of
 * ours, or has no reliable outcome is in no baseline; it is counted, never taken for a failure.
 *
 * @param rollouts - of the plan's groups, in any order; a group that misses some is judged by those it has.
 * @throws {TrainerError} as `mergeTurns`, and `POLICY_MIXED` when one side was played by several versions of the policy.
 */
export function buildBatch(plan: IterationPlan, state: IterationState, rollouts: readonly Rollout[]): TrainingBatch {
  const played = new Map(rollouts.map((rollout) => [rollout.spec.id, rollout]));
  const historyOf = difficulty(state.histories, plan.games.train, gateOptions(plan.recipe));
  const staleness = state.unserved;
  refuseMixedPolicies(rollouts);
  const groups = plan.groups.map((planned): JudgedRollouts => {
    const own = planned.rollouts.map(({ id }) => played.get(id)).filter((rollout) => rollout !== undefined);
    const scored = scoreGroup(own, plan.recipe.reward);
    const group = { groupId: planned.id, policyVersion: state.served.number };
    const decision = gateGroup(
      {
        ...group,
        rewards: scored.map(({ reward }) => reward),
        ...(plan.recipe.gate.byDifficulty && { outcomes: scored.map(({ correct }) => correct) }),
      },
      {
        history: historyOf(planned.task, planned.side, group),
        dispersion: { keep: plan.games.lowDispersion?.includes(planned.task.id) !== true },
        lengths: lengthCollapse(state.lengths),
      },
      gateOptions(plan.recipe),
    );
    return { planned, scored, decision, record: recordOf(planned, scored, decision, plan, staleness) };
  });
  return {
    samples: groups.flatMap((group) => samplesOf(group, plan)),
    groups,
    credits: creditOfEntries(groups),
    account: accountOf(plan, groups),
    staleness,
    notes: [noveltyNote(rollouts, plan.recipe.reward)],
  };
}

function samplesOf({ planned, scored, decision, record }: JudgedRollouts, { recipe }: IterationPlan): BatchSample[] {
  if (record.weight === 0) return [];
  const credits = creditSteps(scored, recipe.advantage, decision.band);
  const statements = creditStatements(scored, recipe);
  return scored.flatMap(({ rollout }, index) => {
    const steps = credits[index];
    if (steps === undefined) return [];
    const credit = { steps, statement: statements[index] };
    return mergeTurns(rollout.episode).map((sequence) => ({
      episodeId: rollout.episode.id,
      groupId: planned.id,
      sequence,
      advantages: tokenAdvantages(rollout.episode, sequence, credit),
      weight: record.weight,
    }));
  });
}

/** What the gate says, and what it cannot know: imitation needs no second opinion, old rollouts and mixed entries are not trained on. */
function recordOf(
  { id, task, side }: PlannedGroup,
  scored: readonly ScoredRollout[],
  decision: GateDecision,
  { recipe }: IterationPlan,
  staleness: number,
): GroupRecord {
  const rewards = scored.map(({ reward }) => reward).filter((reward) => reward !== null);
  const isImitated = recipe.advantage.credit === 'success';
  const gated = decision.reasons.filter(({ code }) => !(isImitated && code === 'no-signal'));
  const reasons: { readonly code: string; readonly text: string; readonly rejects: boolean }[] = gated.map(
    ({ code, text, effect }) => ({ code, text, rejects: effect === 'rejects' }),
  );
  const reject = (code: string, text: string): void => void reasons.push({ code, text, rejects: true });
  if (isImitated && scored.every(({ correct }) => correct !== 1)) reject('no-success', 'None of its plays succeeded.');
  if (staleness > recipe.staleness)
    reject('stale', `It was sampled ${staleness} versions ago, and ${recipe.staleness} are allowed.`);
  if (side === 'entries' && entriesSeen(scored) === undefined)
    reject('mixed-entries', 'Its plays saw different entries, so they do not compare.');

  const isLowered = gated.some(({ effect }) => effect === 'lowers');
  const weight = reasons.some(({ rejects }) => rejects) ? 0 : isLowered ? recipe.gate.unknownWeight : 1;
  return {
    groupId: id,
    taskId: task.id,
    side,
    successes: scored.filter(({ correct }) => correct === 1).length,
    trials: scored.filter(({ reward }) => reward !== null).length,
    ...(rewards.length > 0 && { meanReward: mean(rewards) }),
    weight,
    reasons: reasons.map(({ code, text }) => ({ code, text })),
  };
}

function accountOf({ groups: planned }: IterationPlan, groups: readonly JudgedRollouts[]): AccountOfRollouts {
  const scored = groups.flatMap((group) => group.scored.map((one) => ({ ...one, side: group.planned.side })));
  const known = scored.filter(({ reward }) => reward !== null);
  const rates = (['none', 'entries'] as const).flatMap((side): [Side, number][] => {
    const own = known.filter((one) => one.side === side);
    return own.length === 0 ? [] : [[side, successRate(own)]];
  });
  const idle = idleInLost(known.map(({ rollout }) => rollout.episode));
  return {
    planned: planned.reduce((sum, { rollouts }) => sum + rollouts.length, 0),
    played: scored.length,
    errored: scored.filter(({ isErrored }) => isErrored).length,
    truncated: scored.filter(({ isTruncated }) => isTruncated).length,
    successRates: Object.fromEntries(rates),
    ...(idle !== undefined && { idleInLost: idle }),
    ...(known.length > 0 && {
      successRate: successRate(known),
      meanReward: mean(known.map(({ reward }) => reward ?? 0)),
      meanSteps: mean(known.map(({ rollout }) => rollout.episode.steps.length)),
      medianLength: median(known.map(({ rollout }) => completionTokens(rollout))),
    }),
  };
}

function successRate(known: readonly ScoredRollout[]): number {
  return known.filter(({ correct }) => correct === 1).length / known.length;
}

function completionTokens({ episode }: Rollout): number {
  return episode.calls.reduce((sum, call) => sum + call.completionTokens, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function refuseMixedPolicies(rollouts: readonly Rollout[]): void {
  for (const side of ['none', 'entries'] as const) {
    const own = rollouts.filter(({ spec }) => spec.arm === side);
    const versions = [...new Set(own.map(({ episode }) => `${episode.policy.name} ${episode.policy.version}`))];
    if (versions.length <= 1) continue;
    throw new TrainerError({
      code: 'POLICY_MIXED',
      message: `The rollouts of one iteration were played by several policies: ${versions.join(' and ')}.`,
      hint: 'A runner must play with the version it was opened for.',
    });
  }
}
