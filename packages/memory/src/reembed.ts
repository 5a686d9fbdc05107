import {
  contentHash,
  noProgress,
  servedStatuses,
  StoreError,
  type BankEntry,
  type Embedder,
  type EntryStore,
  type Progress,
} from '@skillrl/core';

import { entryKey } from './bank/entry-text.ts';
import { embedTexts } from './retrieval/entry-vectors.ts';
import { isZero } from './retrieval/exact-vectors.ts';

export interface ReembedPorts {
  readonly entries: EntryStore;
  /** The one that shall serve. */
  readonly embedder: Embedder;
  readonly progress?: Progress;
}

export interface ReembedOptions {
  readonly namespace: string;
  /** Entries looked at together, an integer ≥ 1. Default 512. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

export interface ReembedReport {
  /** Which embedder served before, if one did, and which serves now. */
  readonly before?: string;
  readonly now: string;
  /** The bank's revision up to which every served entry has its vector. */
  readonly revision: number;
  /** Served entries that were looked at, those that came meanwhile included. */
  readonly entries: number;
  /** Texts that were embedded by this call. */
  readonly embedded: number;
  /** Entries whose text had its vector already: from an earlier call, or because another entry has the same text. */
  readonly alreadyEmbedded: number;
  /** Entries whose text has no direction, so that words alone find them. */
  readonly withoutDirection: number;
}

/**
 * Gives every served entry of a namespace a vector by another embedder, then makes that one serve, in one durable step. Until then the old
 * one serves, and its vectors stay afterwards, so that the way back embeds nothing.
 *
 * It may be killed and called again: what was embedded is kept in the store, batch by batch, and no text is embedded twice beyond the batch in
 * flight. Entries that are added or changed meanwhile are followed, pass after pass, until fewer than a batch came during one, or no fewer
 * than during the one before; what comes later is embedded when it is first looked for, like any new entry.
 *
 * @throws {StoreError} `EMBEDDER_CHANGED` when someone else made another embedder serve meanwhile. @throws {EmbedderError} of the embedder.
 * What was embedded is kept in every case.
 */
export async function reembed(ports: ReembedPorts, options: ReembedOptions): Promise<ReembedReport> {
  const { entries, embedder, progress = noProgress } = ports;
  const { namespace, batchSize = 512, signal } = options;
  const stage = `embed with ${embedder.id}`;
  const startedAt = performance.now();
  const before = await entries.servingEmbedder(namespace);
  let revision = await entries.revision();
  const view = await entries.view(namespace, revision);
  const total = await view.count({ statuses: servedStatuses });
  const counts = { entries: 0, embedded: 0, alreadyEmbedded: 0, withoutDirection: 0 };
  progress({ type: 'stage-start', stage, total, unit: 'entries' });

  const embedBatch = async (batch: readonly BankEntry[]): Promise<void> => {
    signal?.throwIfAborted();
    const texts = new Map(batch.map((entry) => [entry.id, entryKey(entry)]));
    const byHash = new Map([...texts.values()].map((text) => [contentHash(text), text]));
    const known = await entries.cachedVectors(embedder.id, [...byHash.keys()]);
    const missing = [...byHash].filter(([hash]) => !known.has(hash)).map(([, text]) => text);
    const vectors = await embedTexts(missing, embedder, entries, signal);
    const aimless = new Set(missing.filter((_, position) => isZero(vectors[position]!)));
    counts.entries += texts.size;
    counts.embedded += missing.length;
    counts.alreadyEmbedded += texts.size - missing.length;
    counts.withoutDirection += [...texts.values()].filter((text) => aimless.has(text)).length;
    const done = counts.entries;
    const note = counts.embedded === 0 ? 'already finished' : undefined;
    progress({ type: 'stage-advance', stage, done, total: Math.max(total, done), note });
  };

  for await (const batch of inBatches(view.list({ statuses: servedStatuses }), batchSize)) await embedBatch(batch);
  // Each pass is shorter than the one before, or the last: who writes as fast as this embeds is not caught up with.
  for (let came = Infinity, last = false; !last;) {
    const embeddedBefore = counts.embedded;
    const changed = new Map<string, BankEntry>();
    for await (const change of entries.changesAfter(namespace, revision)) {
      revision = change.revision;
      if (change.entry !== undefined && servedStatuses.includes(change.entry.status))
        changed.set(change.id, change.entry);
      else changed.delete(change.id);
    }
    for await (const batch of inBatches(changed.values(), batchSize)) await embedBatch(batch);
    const previous = came;
    came = counts.embedded - embeddedBefore;
    last = came < batchSize || came >= previous;
  }
  signal?.throwIfAborted();
  if (before !== embedder.id && !(await entries.setServingEmbedder(namespace, embedder.id, before))) {
    throw new StoreError({
      code: 'EMBEDDER_CHANGED',
      message: `Another embedder than '${before ?? 'none'}' was made to serve '${namespace}' meanwhile, so '${embedder.id}' does not serve now.`,
      hint: 'Decide which one shall serve, and embed again: nothing that is embedded already is embedded twice.',
    });
  }
  progress({ type: 'stage-end', stage, done: counts.entries, durationMs: performance.now() - startedAt });
  return { ...(before === undefined ? {} : { before }), now: embedder.id, revision, ...counts };
}

async function* inBatches<Item>(items: AsyncIterable<Item> | Iterable<Item>, size: number): AsyncIterable<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
