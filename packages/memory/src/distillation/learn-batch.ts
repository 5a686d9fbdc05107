import {
  servedStatuses,
  StoreError,
  type BankEntry,
  type BankView,
  type Demonstration,
  type EntryStore,
  type Episode,
  type EpisodeStore,
  type Trust,
} from '@skillrl/core';

import type { DistillationLog } from './distillation-log.ts';
import { nothingSpent, type DistilContext, type Distiller, type RejectedDraft, type Spent } from './distiller.ts';
import { evidenceFrom } from './evidence.ts';
import { knowledgeCounting, knowledgeOf } from './knowledge/knowledge-of.ts';
import { mergeEntries, type Merged } from './merge-entries.ts';
import type { Pending, PendingEpisode } from './pending-episodes.ts';
import type { Doubts } from './promotion.ts';

export interface BatchPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly log: DistillationLog;
  readonly distillers: readonly Distiller[];
  readonly namespace: string;
  readonly trusted: ReadonlySet<Trust>;
  readonly now: () => number;
  readonly doubts?: (episode: Episode) => Doubts;
  readonly signal?: AbortSignal;
}

export interface BatchResult extends Merged {
  /** Episodes that were distilled; fewer than given after an abort. */
  readonly done: number;
  readonly rejected: readonly (RejectedDraft & { readonly episodeId: string; readonly distiller: string })[];
  readonly spent: Spent;
}

interface Seen {
  readonly key: string;
  readonly episodeId: string;
  readonly distiller: string;
  readonly entryIds: readonly string[];
}

/** Distils some episodes, commits what they give as one revision, and then notes that they were distilled. */
export async function learnBatch(
  ports: BatchPorts,
  pending: Pending,
  batch: readonly PendingEpisode[],
  advance: (done: number) => void,
): Promise<BatchResult> {
  const { episodes, entries, namespace, signal } = ports;
  const view = await entries.view(namespace);
  const demonstrations = await demonstrationsOf(view);
  const context: DistilContext = {
    namespace,
    now: ports.now(),
    demonstrations,
    knownObjects: pending.knownObjects,
    ordinaryWords: pending.ordinaryWords,
    trusted: ports.trusted,
    doubts: ports.doubts,
    signal,
  };
  const drafts: BankEntry[] = [];
  const seen: Seen[] = [];
  const toCount: { readonly episode: Episode; readonly position: number }[] = [];
  const rejected: BatchResult['rejected'][number][] = [];
  let spent = nothingSpent;
  let done = 0;
  for (const { id, keys, outcome, position } of batch) {
    if (isAborted(signal)) break;
    const episode = await episodes.episode(id);
    for (const distiller of ports.distillers) {
      const key = keys.get(distiller.name);
      if (episode === undefined || key === undefined || distiller.from !== outcome) continue;
      const result = await orAborted(() => distiller.distil(episode, context), signal);
      if (result === undefined) break;
      drafts.push(...result.accepted);
      demonstrations.push(...result.accepted.filter(isServedDemonstration));
      rejected.push(...result.rejected.map((draft) => ({ ...draft, episodeId: id, distiller: distiller.name })));
      if (result.spent !== undefined) spent = sum(spent, result.spent);
      const entryIds = result.accepted.map((entry) => entry.id);
      if (result.deferred !== true) seen.push({ key, episodeId: id, distiller: distiller.name, entryIds });
    }
    if (isAborted(signal)) break;
    const countingKey = keys.get(knowledgeCounting.name);
    if (episode !== undefined && countingKey !== undefined) {
      if (evidenceFrom(episode, ports.trusted).trusted) toCount.push({ episode, position });
      seen.push({ key: countingKey, episodeId: id, distiller: knowledgeCounting.name, entryIds: [] });
    }
    done += 1;
    advance(done);
  }
  const inOrder = toCount.toSorted((a, b) => a.position - b.position).map(({ episode }) => episode);
  const merged = await commitMerged(ports, drafts, inOrder, context);
  for (const { key, episodeId, distiller, entryIds } of seen) await ports.log.add(key, episodeId, distiller, entryIds);
  return { ...merged, done, rejected, spent };
}

/** Merges into the bank as it is now; when someone else commits in between, merges again into what they left. */
async function commitMerged(
  { episodes, entries, namespace }: BatchPorts,
  drafts: readonly BankEntry[],
  toCount: readonly Episode[],
  context: DistilContext,
): Promise<Merged> {
  for (let attempt = 1; ; attempt += 1) {
    const view = await entries.view(namespace);
    const counted = await knowledgeOf(toCount, view, episodes, context);
    const merged = await mergeEntries(view, [...drafts, ...counted]);
    if (merged.put.length === 0) return merged;
    try {
      const reason = `Learned from episodes: ${merged.added.length} new entries, ${merged.merged.length} changed.`;
      await entries.commit({ namespace, reason, put: merged.put, expectedRevision: view.revision });
      return merged;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'REVISION_CONFLICT' || attempt === 5) throw error;
    }
  }
}

async function demonstrationsOf(view: BankView): Promise<Demonstration[]> {
  const found: Demonstration[] = [];
  for await (const entry of view.list({ kinds: ['demonstration'], statuses: servedStatuses })) {
    if (entry.kind === 'demonstration') found.push(entry);
  }
  return found;
}

function isServedDemonstration(entry: BankEntry): entry is Demonstration {
  return entry.kind === 'demonstration' && servedStatuses.includes(entry.status);
}

/** The result, or `undefined` when the work was given up because the caller did. */
async function orAborted<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isAborted(signal)) return undefined;
    throw error;
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

export function sum(a: Spent, b: Spent): Spent {
  return {
    calls: a.calls + b.calls,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
  };
}
