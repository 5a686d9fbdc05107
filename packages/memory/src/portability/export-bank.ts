import { createHash } from 'node:crypto';

import { newId, systemClock, type Clock, type EntryStatus, type EntryStore, type EpisodeStore } from '@skillrl/core';

import { canonicalJson } from './canonical-json.ts';

export const bankFormat = 'skillrl-bank';
export const bankFormatVersion = 1;

export interface ExportSource {
  readonly entries: Pick<EntryStore, 'view'>;
  readonly namespace: string;
  /** Default: the latest. */
  readonly revision?: number;
  /** Default: all. */
  readonly statuses?: readonly EntryStatus[];
  /** Where the export is registered, so that a deletion can name it. */
  readonly episodes?: Pick<EpisodeStore, 'registerExport'>;
  /** Where the lines go, as a person would say it: a path. */
  readonly destination?: string;
  readonly clock?: Clock;
}

/**
 * A bank as lines of JSON, without line ends: a header with the count and a hash of the entry lines, then one entry a line in the order of
 * ids. Equal entries give equal lines, whatever the store or the revision's number.
 *
 * Registered before the first line is given: what was begun may have been read.
 */
export async function* exportBank(source: ExportSource): AsyncIterable<string> {
  const { entries, namespace, revision, statuses, episodes, destination = 'a stream', clock = systemClock } = source;
  const view = await entries.view(namespace, revision);
  const hash = createHash('sha256');
  const ids: string[] = [];
  const episodeIds = new Set<string>();
  for await (const entry of view.list({ statuses })) {
    hash.update(`${canonicalJson(entry)}\n`);
    ids.push(entry.id);
    for (const { episodeId } of entry.evidence) episodeIds.add(episodeId);
  }
  const at = clock.now();
  await episodes?.registerExport({
    id: newId('export', at),
    kind: 'jsonl',
    destination: `bank '${namespace}' at revision ${view.revision} to ${destination}`,
    at,
    episodeIds: [...episodeIds],
    entryIds: ids,
  });
  yield canonicalJson({
    format: bankFormat,
    version: bankFormatVersion,
    count: ids.length,
    sha256: hash.digest('hex'),
  });
  for await (const entry of view.list({ statuses })) yield canonicalJson(entry);
}
