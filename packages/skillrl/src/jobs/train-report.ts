import type { Episode, EpisodeStore } from '@skillrl/core';
import type { IterationManifest, IterationState } from '@skillrl/training';

import {
  calibrationOf,
  type EvaluationPoint,
  evaluationPoint,
  type Gain,
  gainBetween,
  storedEvaluations,
} from './train-evaluation.ts';
import type { GateCount, IterationRow, SignalAccount } from './train-accounts.ts';
import type { TrainManifest } from './train-plan.ts';
import { signalAccounts } from './train-signals.ts';

/** Everything a training run found out, as data: `report.json`, and what `report.html` is drawn from. */
export interface TrainReport {
  readonly manifest: TrainManifest;
  /** Iterations that are finished. */
  readonly iterations: number;
  /** Episodes that were played to train on. */
  readonly episodes: number;
  readonly curve: readonly EvaluationPoint[];
  /** Between the first point and the last, each side of its own: within the games' limit, then within 20 steps. */
  readonly gains: readonly Gain[];
  readonly rows: readonly IterationRow[];
  readonly gates: readonly GateCount[];
  readonly signals: readonly SignalAccount[];
  readonly bank: readonly { readonly iteration: number; readonly revision: number; readonly changed: number }[];
  readonly live?: string;
  /** Milliseconds by part, the longest first. */
  readonly durationsMs: readonly { readonly part: string; readonly ms: number }[];
  readonly notes: readonly string[];
}

/** @param state - where the run stands; absent before its first iteration. */
export async function buildTrainReport(
  manifest: TrainManifest,
  iterations: readonly IterationManifest[],
  state: IterationState | undefined,
  episodes: EpisodeStore,
): Promise<TrainReport> {
  const evaluations = await storedEvaluations(manifest.id, episodes);
  const played = await playedByIteration(manifest.id, episodes);
  const rows = iterations.map((one) => rowOf(one, played.get(one.iteration) ?? []));
  const gates = countGates(iterations);
  const sides = [...new Set(evaluations.map(({ side }) => side))];
  const gains = sides.flatMap((side) => {
    const own = evaluations.filter((one) => one.side === side);
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    return [gainBetween(first, last), gainBetween(first, last, 20)].filter((gain) => gain !== undefined);
  });
  const curve = evaluations.map(evaluationPoint);
  return {
    manifest,
    iterations: iterations.length,
    episodes: iterations.reduce((sum, { rollouts }) => sum + rollouts.played, 0),
    curve,
    gains,
    rows,
    gates,
    signals: signalAccounts(manifest, iterations, rows, gates, curve),
    bank: iterations.map(({ iteration, bankRevision, evolution }) => ({
      iteration,
      revision: bankRevision.after,
      changed: evolution?.changed ?? 0,
    })),
    ...(state !== undefined && { live: state.live.version }),
    durationsMs: sumDurations(iterations),
    notes: notesOf(manifest, iterations),
  };
}

/** One iteration as a line, of its manifest and its episodes where they are at hand. */
export function rowOf(manifest: IterationManifest, played: readonly Episode[] = []): IterationRow {
  const { iteration, outcome, rollouts, training, canary, publication, staleness, groups } = manifest;
  return {
    iteration,
    outcome,
    reward: rollouts.meanReward,
    success: rollouts.successRate,
    successWithEntries: rollouts.successRates.entries,
    successWithout: rollouts.successRates.none,
    steps: rollouts.meanSteps,
    idleInLost: rollouts.idleInLost,
    entropy: training?.entropy,
    kl: training?.kl,
    mismatch: training?.mismatch?.meanDifference,
    staleness,
    groupsUsed: groups.filter(({ weight }) => weight > 0).length,
    groups: groups.length,
    verdict: verdictOf(outcome, canary, publication),
    calibration: calibrationOf(played),
    distinct: distinctShare(played),
  };
}

function verdictOf(
  outcome: IterationManifest['outcome'],
  canary: IterationManifest['canary'],
  publication: IterationManifest['publication'],
): string {
  if (outcome !== 'trained') return outcome;
  if (publication !== undefined && publication.verdict !== 'not-due')
    return publication.publish ? 'published' : `kept back: ${publication.verdict}`;
  return canary === undefined ? 'trained' : 'trained, canary well';
}

/** The episodes that were trained on, or could have been, by iteration. */
async function playedByIteration(run: string, episodes: EpisodeStore): Promise<ReadonlyMap<number, Episode[]>> {
  const prefix = `${run}/iteration-`;
  const played = new Map<number, Episode[]>();
  for await (const episode of episodes.episodes({ purpose: 'train', ended: true })) {
    const { suite = '' } = episode.tags;
    if (!suite.startsWith(prefix)) continue;
    const iteration = Number(suite.slice(prefix.length));
    played.set(iteration, [...(played.get(iteration) ?? []), episode]);
  }
  return played;
}

/** How many of a group's plays went a way of their own, as a share; the mean over groups. */
function distinctShare(played: readonly Episode[]): number | undefined {
  const groups = [...Map.groupBy(played, ({ task, tags }) => `${task.id}\n${tags['arm']}`).values()];
  const shares = groups
    .filter(({ length }) => length > 1)
    .map((group) => new Set(group.map(actionsOf)).size / group.length);
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function actionsOf({ steps }: Episode): string {
  return steps.map(({ action }) => action).join('\n');
}

function countGates(iterations: readonly IterationManifest[]): GateCount[] {
  const reasons = iterations.flatMap(({ groups }) =>
    groups.flatMap(({ reasons: own, weight }) =>
      own.map(({ code, text }) => ({ code, text, isDropped: weight === 0 })),
    ),
  );
  return [...Map.groupBy(reasons, ({ code }) => code)]
    .map(([code, same]) => ({
      code,
      groups: same.length,
      dropped: same.filter(({ isDropped }) => isDropped).length,
      example: same[0]?.text ?? '',
    }))
    .toSorted((a, b) => b.groups - a.groups);
}

function sumDurations(iterations: readonly IterationManifest[]): TrainReport['durationsMs'] {
  const sums = new Map<string, number>();
  for (const { durationsMs } of iterations)
    for (const [part, ms] of Object.entries(durationsMs)) sums.set(part, (sums.get(part) ?? 0) + ms);
  return [...sums].map(([part, ms]) => ({ part, ms })).toSorted((a, b) => b.ms - a.ms);
}

function notesOf(manifest: TrainManifest, iterations: readonly IterationManifest[]): string[] {
  const notes = [
    ...Map.groupBy(
      iterations.flatMap((one) => one.notes),
      (note) => note,
    ),
  ].map(([note, same]) =>
    same.length === iterations.length ? note : `In ${same.length} of ${iterations.length} iterations: ${note}`,
  );
  const [done, planned] = [iterations.length, manifest.iterations];
  if (done < planned) notes.unshift(`Not finished: ${done} of ${planned} iterations.`);
  if (done > planned)
    notes.unshift(`Gone on with after the ${planned} iterations that were planned, up to ${done}: looked at before.`);
  return notes;
}
