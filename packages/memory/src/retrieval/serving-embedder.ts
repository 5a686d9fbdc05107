import type { Embedder } from '@skillrl/core';

import type { BankSelection } from '../bank/select-entry.ts';
import { entryIndexes, type EntryIndexes } from './entry-indexes.ts';
import { queryVectors, type QueryVectors } from './entry-vectors.ts';
import type { RecallPorts } from './recaller.ts';

/** What answers questions with the vectors of one embedder, or with none. */
export interface Answering {
  readonly indexes: EntryIndexes;
  /** Absent: words alone answer. */
  readonly queries?: QueryVectors;
  /** Why words alone answer although an embedder was given, if so. */
  readonly degraded?: string;
}

/** The embedder that serves a bank, followed as it changes. Vectors of two embedders never stand in one index. */
export interface ServingEmbedder {
  /** What answers now. While the index of a new embedder is made, the old one's does. */
  current(): Promise<Answering>;
  /** Says that the embedder gave vectors for entries of the bank: it becomes the bank's when none was set. */
  proved(answering: Answering): Promise<void>;
  close(): Promise<void>;
}

interface Served extends Answering {
  readonly id: string | undefined;
  /** Made here from the bank's id, so closed here. */
  readonly made?: Embedder;
}

/** Far longer than a recall takes. */
const retiredAfterMs = 60_000;

export function servingEmbedder(
  ports: RecallPorts,
  options: { readonly namespace: string; readonly select?: BankSelection; readonly embedTimeoutMs: number },
): ServingEmbedder {
  const { entries, embedder } = ports;
  const { namespace, select, embedTimeoutMs } = options;
  let now: Served | undefined;
  let coming: { readonly id: string; readonly done: Promise<void> } | undefined;
  const retired = new Map<Served, ReturnType<typeof setTimeout>>();
  let isProved = false;
  let isClosed = false;

  async function current(): Promise<Answering> {
    const wanted = embedder && ((await entries.servingEmbedder(namespace)) ?? embedder.id);
    now ??= open(wanted);
    if (now.id !== wanted && coming?.id !== wanted && !isClosed) coming = change(wanted!, now);
    return now;
  }

  /** Makes the other's index beside the one that answers, then lets it answer. */
  function change(id: string, before: Served): { readonly id: string; readonly done: Promise<void> } {
    const next = open(id);
    const isStillWanted = (): boolean => coming?.id === id && !isClosed;
    const done = entries
      .revision()
      .then((revision) => next.indexes.at(revision))
      // What the index cannot do it says when it is asked.
      .catch(() => {})
      .then(async () => {
        if (!isStillWanted()) return closeServed(next);
        now = next;
        coming = undefined;
        retire(before);
      });
    return { id, done };
  }

  /** Closes it when no recall can be searching in it any more. */
  function retire(old: Served): void {
    const close = (): void => {
      retired.delete(old);
      void closeServed(old);
    };
    const timer = setTimeout(close, retiredAfterMs);
    timer.unref();
    retired.set(old, timer);
  }

  function open(id: string | undefined): Served {
    const made = id === undefined || id === embedder?.id ? undefined : ports.embedderOf?.(id);
    const own = id === embedder?.id ? embedder : made;
    const indexes = entryIndexes({ ...ports, embedder: own }, { namespace, select });
    if (own !== undefined) return { id, indexes, queries: queryVectors(own, embedTimeoutMs), made };
    if (embedder === undefined) return { id, indexes };
    return { id, indexes, degraded: foreign(id!, embedder.id) };
  }

  return {
    current,
    proved: async (answering) => {
      if (isProved || embedder === undefined || answering !== now || now.id !== embedder.id) return;
      isProved = true;
      // Whoever set one first, it is found at the next question; a bank that cannot be written is asked again.
      await entries.setServingEmbedder(namespace, embedder.id, undefined).catch(() => (isProved = false));
    },
    close: async () => {
      isClosed = true;
      await coming?.done;
      for (const timer of retired.values()) clearTimeout(timer);
      for (const old of [...retired.keys(), ...(now === undefined ? [] : [now])]) await closeServed(old);
    },
  };
}

function foreign(bankId: string, ownId: string): string {
  return `the bank's vectors are by '${bankId}', which cannot be made here, and not by '${ownId}': lexical only until the bank is embedded anew (skillrl bank embed)`;
}

async function closeServed({ indexes, made }: Served): Promise<void> {
  await indexes.close();
  await made?.close?.();
}
