import type { SavedWeights, ServedVersion } from '@skillrl/core';
import { recordPasses, startPassHistory, type PassRecord } from '@skillrl/signals';

import type { TrainingBatch } from './build-batch.ts';
import { historyKey } from './difficulty.ts';
import type { BankEvolution, CanaryReport, MismatchReport, TrainingReport } from './iteration-manifest.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';
import type { PublicationDecision } from './promote.ts';
import { startOfDiversity } from './watch-diversity.ts';

/** The new weights, or why there are none. */
export interface Learned {
  readonly outcome: 'trained' | 'refused' | 'idle';
  readonly weights: SavedWeights;
  readonly report?: TrainingReport;
  readonly note?: string;
}

/** What the parts of an iteration came to. */
export interface IterationResults {
  readonly batch: TrainingBatch;
  readonly learned: Learned;
  /** The new version, when one was served. */
  readonly served: ServedVersion | undefined;
  readonly check: MismatchReport | undefined;
  readonly canary: CanaryReport | undefined;
  /** What was live before the decision. */
  readonly live: ServedVersion;
  readonly publication: PublicationDecision | undefined;
  readonly evolution: BankEvolution | undefined;
  /** What the trainer wrote for it, by its path, finished or not. */
  readonly written: readonly string[];
}

/** What the next iteration goes on from. */
export function nextState(plan: IterationPlan, state: IterationState, results: IterationResults): IterationState {
  const { batch, learned, served, publication, evolution } = results;
  const { medianLength } = batch.account;
  const weights = weightsAfter(state, results);
  const live = served !== undefined && publication?.publish === true ? served : results.live;
  return {
    ...state,
    iteration: plan.iteration,
    ...weights,
    obsolete: obsoleteAfter(state, weights, results),
    live,
    published: [...new Set([...state.published, results.live.version, live.version])],
    newest: learned.outcome === 'trained' ? state.newest + 1 : state.newest,
    bankRevision: evolution?.to ?? state.bankRevision,
    cursor: plan.cursor,
    histories: historiesAfter(state, batch),
    diversity: startOfDiversity(batch.groups, state.diversity),
    lengths: medianLength === undefined ? state.lengths : [...state.lengths, medianLength].slice(-rememberedLengths),
    sinceDecision: publication === undefined || publication.verdict === 'not-due' ? state.sinceDecision + 1 : 0,
    refusals: learned.outcome === 'refused' ? state.refusals + 1 : 0,
  };
}

/** More than `lengthCollapse` looks back on. */
const rememberedLengths = 40;

/** Which weights are trained on and served: a collapse goes back to the served ones. */
function weightsAfter(
  { newest, version, step, weights, served: before, unserved }: IterationState,
  { learned, served, canary }: IterationResults,
): Pick<IterationState, 'version' | 'step' | 'weights' | 'served' | 'unserved'> {
  if (learned.outcome !== 'trained') return { version, step, weights, served: before, unserved };
  if (canary?.collapsed === true)
    return { version: before.number, step: before.step, weights: before.weights, served: before, unserved: 0 };
  const number = newest + 1;
  const trained = { version: number, step: learned.report?.step ?? step, weights: learned.weights };
  if (served === undefined) return { ...trained, served: before, unserved: unserved + 1 };
  return { ...trained, served: { ...served, number, step: trained.step, weights: trained.weights }, unserved: 0 };
}

/**
 * What was needed before or written since, and is no more: an iteration begins with the weights, or after a collapse with the served ones. The
 * live version is gone back to at the server, which has its files.
 */
function obsoleteAfter(
  before: IterationState,
  { weights, served }: Pick<IterationState, 'weights' | 'served'>,
  { written }: IterationResults,
): string[] {
  const needed = [weights.path, served.weights.path];
  const known = new Set([...written, before.weights.path, before.served.weights.path]);
  return [...known].filter((path) => !needed.includes(path));
}

/** So old a record counts for less than a fiftieth of a play. */
const rememberedVersions = 40;

/** What every group scored, those that were not trained on too. Recorded when all is judged: no group counts towards its own difficulty. */
function historiesAfter({ histories, served }: IterationState, { groups }: TrainingBatch): IterationState['histories'] {
  const next: Record<string, PassRecord[]> = { ...histories };
  for (const { planned, scored } of groups) {
    const known = scored.filter(({ correct, reward }) => correct !== null && reward !== null);
    if (known.length === 0) continue;
    const key = historyKey(planned.task.id, planned.side);
    const history = { ...startPassHistory(planned.task.id), records: next[key] ?? [] };
    const { records } = recordPasses(history, {
      groupId: planned.id,
      policyVersion: served.number,
      successes: known.filter(({ correct }) => correct === 1).length,
      trials: known.length,
      isPilot: false,
    });
    next[key] = records.filter(({ policyVersion }) => served.number - policyVersion < rememberedVersions);
  }
  return next;
}
