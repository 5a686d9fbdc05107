import { createHash } from 'node:crypto';

import {
  newId,
  systemClock,
  type BankView,
  type Clock,
  type EntryStatus,
  type EntryStore,
  type EpisodeStore,
  type ExportHolding,
  type Progress,
} from '@skillrl/core';

import { entryLine, headerLine } from './bank-line.ts';

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
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/**
 * A bank as lines of JSON, without line ends: a header with the count and a hash of the entry lines, then one entry a line in the order of
 * ids. Equal entries give equal lines, whatever the store, the namespace or the revision's number. One entry is in memory at a time: the bank
 * is read twice, at one revision.
 *
 * Registered before the first line is given: what was begun may have been read.
 */
export async function* exportBank(source: ExportSource): AsyncGenerator<string> {
  const { entries, namespace, revision, statuses, episodes, destination = 'a stream', clock = systemClock } = source;
  const { progress, signal } = source;
  signal?.throwIfAborted();
  const view = await entries.view(namespace, revision);
  const bank = new HashedBank(view, statuses, signal);
  const at = clock.now();
  if (episodes === undefined) for await (const _holding of bank.holdings());
  else {
    const taken = `bank '${namespace}' at revision ${view.revision} to ${destination}`;
    await episodes.registerExport({ id: newId('export', at), kind: 'jsonl', destination: taken, at }, bank.holdings());
  }
  yield headerLine({ count: bank.count, sha256: bank.digest() });
  const [stage, total, startedAt] = ['export', bank.count, performance.now()];
  progress?.({ type: 'stage-start', stage, total, unit: 'entries' });
  let done = 0;
  for await (const entry of view.list({ statuses })) {
    signal?.throwIfAborted();
    yield entryLine(entry);
    done += 1;
    if (done % breathEvery > 0) continue;
    progress?.({ type: 'stage-advance', stage, done, total });
    await letOthersRun();
  }
  progress?.({ type: 'stage-end', stage, done, durationMs: performance.now() - startedAt });
}

/** Entries between which nothing else of the program runs. */
const breathEvery = 200;

/** A store may answer at once, and a chain of answers at once would hear no Ctrl-C. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The first pass: count and hash of the lines, and what they hold. */
class HashedBank {
  readonly #view: BankView;
  readonly #statuses: readonly EntryStatus[] | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #hash = createHash('sha256');
  count = 0;

  constructor(view: BankView, statuses: readonly EntryStatus[] | undefined, signal: AbortSignal | undefined) {
    this.#view = view;
    this.#statuses = statuses;
    this.#signal = signal;
  }

  async *holdings(): AsyncGenerator<ExportHolding> {
    for await (const entry of this.#view.list({ statuses: this.#statuses })) {
      this.#signal?.throwIfAborted();
      this.#hash.update(entryLine(entry)).update('\n');
      this.count += 1;
      if (this.count % breathEvery === 0) await letOthersRun();
      yield { namespace: this.#view.namespace, entryId: entry.id };
      for (const { episodeId } of entry.evidence) yield { episodeId };
    }
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}
