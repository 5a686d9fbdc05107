import {
  StoreError,
  systemClock,
  type BankEntry,
  type BankView,
  type Clock,
  type Demonstration,
  type EntryStore,
  type EpisodeStore,
  type ExportRecord,
  type Trust,
} from '@skillrl/core';

import { contrastiveLesson } from './distillation/contrastive.ts';
import { demonstrationFrom } from './distillation/demonstration.ts';
import { isDistillation } from './distillation/distillation-log.ts';
import type { DistilContext } from './distillation/distiller.ts';
import { trustedByDefault } from './distillation/evidence.ts';
import { countedName, recounted } from './distillation/knowledge/knowledge-of.ts';
import { joined } from './distillation/merge-entries.ts';
import { classOf } from './distillation/names.ts';

export interface ForgetPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly clock?: Clock;
}

export interface ForgetReport {
  /** Events whose payload was overwritten; 0 for an episode that is unknown or was erased before. */
  readonly events: number;
  /** Entries taken out of the bank. */
  readonly removed: readonly string[];
  /** Entries made anew from the evidence that is left. */
  readonly rederived: readonly string[];
  /** Files and training batches that hold the episode or an entry that rested on it. */
  readonly exports: readonly ExportRecord[];
  /** Where the erased payload still is and until when; absent when it is gone. */
  readonly pending?: string;
}

/**
 * Erases an episode and all that was learned from it. An entry that rests on other episodes too is made again from those, where that needs no
 * model; every other entry that rests on it is taken out. May be repeated after a crash.
 */
export async function forgetEpisode(
  { episodes, entries, clock = systemClock }: ForgetPorts,
  episodeId: string,
  { namespace, trusted }: { readonly namespace: string; readonly trusted?: readonly Trust[] },
): Promise<ForgetReport> {
  const erasure = await episodes.erase(episodeId);
  const exports = new Map(erasure.exports.map((record) => [record.id, record]));
  for (let attempt = 1; ; attempt += 1) {
    const view = await entries.view(namespace);
    const { resting, demonstrations, knownObjects } = await entriesOf(view, episodeId);
    for (const { id } of resting) {
      for (const record of await episodes.exportsHolding({ namespace, entryId: id })) exports.set(record.id, record);
    }
    const context: DistilContext = {
      namespace,
      now: clock.now(),
      demonstrations,
      knownObjects,
      trusted: new Set(trusted ?? trustedByDefault),
    };
    const put = new Map<string, BankEntry>();
    for (const entry of resting) {
      const again = await madeAgain(entry, episodeId, episodes, context);
      if (again === undefined) continue;
      // What is made anew may say what another entry says already.
      const twin = put.get(again.id) ?? (again.id === entry.id ? undefined : await view.get(again.id));
      put.set(again.id, twin === undefined ? again : joined(twin, again));
    }
    const remove = resting.map(({ id }) => id).filter((id) => !put.has(id));
    try {
      const reason = `Forgot the episode '${episodeId}' and what rested on it.`;
      await entries.commit({ namespace, reason, put: [...put.values()], remove, expectedRevision: view.revision });
    } catch (error) {
      if (error instanceof StoreError && error.code === 'REVISION_CONFLICT' && attempt < 5) continue;
      throw error;
    }
    return {
      events: erasure.events,
      removed: remove,
      rederived: [...put.keys()],
      exports: [...exports.values()].filter((record) => !isDistillation(record)),
      ...(erasure.pending !== undefined && { pending: erasure.pending }),
    };
  }
}

/** Entries that rest on the episode, and the demonstrations that do not. */
async function entriesOf(view: BankView, episodeId: string) {
  const resting: BankEntry[] = [];
  const demonstrations: Demonstration[] = [];
  const knownObjects = new Set<string>();
  for await (const entry of view.list()) {
    if (entry.evidence.some((evidence) => evidence.episodeId === episodeId)) resting.push(entry);
    else if (entry.kind === 'demonstration') demonstrations.push(entry);
    for (const { subject } of entry.machine?.facts ?? []) knownObjects.add(classOf(subject));
  }
  return { resting, demonstrations, knownObjects };
}

/** The entry from the rest of its evidence; `undefined` when there is none, or when only a model or a person could write it. */
async function madeAgain(
  entry: BankEntry,
  without: string,
  store: EpisodeStore,
  context: DistilContext,
): Promise<BankEntry | undefined> {
  const make = async (): Promise<BankEntry | undefined> => {
    if (countedName(entry) !== undefined) return recounted(entry, without, store, context);
    let again: BankEntry | undefined;
    for (const { episodeId } of entry.evidence) {
      const episode = episodeId === without ? undefined : await store.episode(episodeId);
      if (episode === undefined) continue;
      const draft = distilAgain(entry, episode, context);
      if (draft !== undefined)
        again = again === undefined || again.id !== draft.id ? (again ?? draft) : joined(again, draft);
    }
    return again;
  };
  const again = await make();
  if (again === undefined) return undefined;
  const isSameEntry = again.id === entry.id;
  return {
    ...again,
    // What was retired or quarantined stays so: having less evidence is no reason to be trusted more.
    status: again.status === 'quarantined' ? again.status : entry.status,
    ...(isSameEntry && { version: entry.version + 1, parentVersion: entry.version, createdAt: entry.createdAt }),
  };
}

function distilAgain(
  { madeBy }: BankEntry,
  episode: Parameters<typeof demonstrationFrom>[0],
  context: DistilContext,
): BankEntry | undefined {
  if (episode.purpose !== 'train') return undefined;
  if (madeBy.method === 'demonstration') return demonstrationFrom(episode, context);
  if (madeBy.method === 'contrastive') return contrastiveLesson(episode, context);
  return undefined;
}
