import {
  noProgress,
  systemClock,
  type Clock,
  type EntryStore,
  type Episode,
  type EpisodeStore,
  type Progress,
  type Trust,
} from '@skillrl/core';

import { contrastiveDistiller } from './contrastive.ts';
import { demonstrationDistiller } from './demonstration.ts';
import { distillationLog } from './distillation-log.ts';
import { nothingSpent, type Distiller, type RejectedDraft, type Spent } from './distiller.ts';
import { trustedByDefault } from './evidence.ts';
import { learnBatch, sum, type BatchPorts, type BatchResult } from './learn-batch.ts';
import { readPending, type Skipped } from './pending-episodes.ts';
import type { Doubts } from './promotion.ts';

export interface LearnPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly clock?: Clock;
  readonly progress?: Progress;
}

export interface LearnOptions {
  /** Whose entries are made. Episodes whose tag `namespace` names another are passed over; those without the tag are not. */
  readonly namespace: string;
  /** Default: demonstrations from successes, contrastive lessons from failures. What adds up over episodes is counted besides. */
  readonly distillers?: readonly Distiller[];
  /** Only these episodes, in this order. Default: all, by the time they started. */
  readonly episodeIds?: readonly string[];
  /** Only episodes with these tags. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whose words may become part of an entry that is served. Default: environment, grader, user. */
  readonly trusted?: readonly Trust[];
  /** What is known against single episodes by comparing them with others: rare or unearned successes. Default: nothing. */
  readonly doubts?: (episode: Episode) => Doubts;
  /** Commit after this many episodes, so that a killed run keeps what a model has already written. Default: one commit for all. */
  readonly batchSize?: number;
  /** On abort, what was distilled so far is committed, then the abort is thrown. */
  readonly signal?: AbortSignal;
}

export interface LearnReport {
  /** The bank's revision afterwards. */
  readonly revision: number;
  /** Episodes looked at. */
  readonly read: number;
  /** Episodes given to at least one distiller. */
  readonly distilled: number;
  /** Episodes nothing was to be made of, by reason. */
  readonly skipped: Skipped;
  /** Ids of new entries; those of them that wait for a release stand under `quarantined` too. */
  readonly added: readonly string[];
  /** Ids of entries that were there before and gained evidence or a new version. */
  readonly merged: readonly string[];
  readonly quarantined: readonly string[];
  readonly rejected: readonly (RejectedDraft & { readonly episodeId: string; readonly distiller: string })[];
  readonly spent: Spent;
}

/**
 * Distils finished `train` episodes into the bank. May be run at any time, again, and after a crash: each distiller sees an episode once, as
 * long as the episode stays the same.
 *
 * @throws {InputError} `PURPOSE_FORBIDDEN` when `episodeIds` names an episode of another purpose, `EPISODE_UNKNOWN` when it names none, or one of
 * another namespace.
 */
export async function learn(ports: LearnPorts, options: LearnOptions): Promise<LearnReport> {
  const { clock = systemClock, progress = noProgress } = ports;
  const { distillers = [demonstrationDistiller(), contrastiveDistiller()], batchSize = Infinity, signal } = options;
  const startedAt = clock.now();
  const log = distillationLog(ports.episodes, options.namespace, () => clock.now());
  const pending = await readPending(ports.episodes, log, distillers, options);
  const total = pending.queue.length;
  progress({ type: 'stage-start', stage: 'distil', total, unit: 'episodes' });

  const batchPorts: BatchPorts = {
    ...ports,
    log,
    distillers,
    namespace: options.namespace,
    trusted: new Set(options.trusted ?? trustedByDefault),
    now: () => clock.now(),
    doubts: options.doubts,
    signal,
  };
  const results: BatchResult[] = [];
  let done = 0;
  while (done < total) {
    const batch = pending.queue.slice(done, done + batchSize);
    const before = done;
    const advance = (count: number): void =>
      progress({ type: 'stage-advance', stage: 'distil', done: before + count, total });
    const result = await learnBatch(batchPorts, pending, batch, advance);
    results.push(result);
    done += result.done;
    signal?.throwIfAborted();
  }
  progress({ type: 'stage-end', stage: 'distil', done, durationMs: clock.now() - startedAt });
  return {
    revision: await ports.entries.revision(),
    read: pending.read,
    distilled: done,
    skipped: pending.skipped,
    ...summary(results),
  };
}

function summary(results: readonly BatchResult[]) {
  const added = new Set(results.flatMap((result) => result.added));
  return {
    added: [...added],
    merged: [...new Set(results.flatMap((result) => result.merged))].filter((id) => !added.has(id)),
    quarantined: [...new Set(results.flatMap((result) => result.quarantined))],
    rejected: results.flatMap((result) => result.rejected),
    spent: results.map(({ spent }) => spent).reduce(sum, nothingSpent),
  };
}
