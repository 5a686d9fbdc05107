import type { SavedIndexStore, SavedIndexSummary } from '@skillrl/core';

/** What is told of a saved index. */
export interface SavedIndex {
  readonly name: string;
  readonly namespace?: string;
  readonly embedder?: string;
  readonly revision?: number;
  readonly entries?: number;
  readonly bytes: number;
  readonly ageSeconds?: number;
  /** Why it would not be used. */
  readonly damage?: string;
}

/**
 * The indexes that are saved beside a bank.
 *
 * @param options.isVerified - also reads every part and compares its checksum. Default `false`.
 */
export async function savedIndexes(
  store: SavedIndexStore,
  { isVerified = false }: { readonly isVerified?: boolean } = {},
): Promise<SavedIndex[]> {
  const found: SavedIndex[] = [];
  for (const summary of await store.list()) {
    const loaded = isVerified ? await store.load(summary.name) : undefined;
    const damage = loaded?.state === 'damaged' ? loaded.reason : summary.damage;
    found.push({ ...factsOf(summary), ...(damage !== undefined && { damage }) });
  }
  return found;
}

/** One line: `namespace default, embedder compact-…: 100000 entries at revision 20 of 23, 81.1 MB, 40 s old`. */
export function describeSavedIndex(index: SavedIndex, latestRevision: number): string {
  if (index.damage !== undefined) return `${index.name}: ${index.damage}; it is built anew when it is needed`;
  const of = `namespace ${index.namespace}, ${index.embedder === undefined ? 'words only' : `embedder ${index.embedder}`}`;
  const megabytes = (index.bytes / 1e6).toFixed(1);
  const age = index.ageSeconds! < 120 ? `${index.ageSeconds} s` : `${Math.round(index.ageSeconds! / 60)} min`;
  return `${of}: ${index.entries} entries at revision ${index.revision} of ${latestRevision}, ${megabytes} MB, ${age} old`;
}

function factsOf({ name, head, savedAt, bytes }: SavedIndexSummary): SavedIndex {
  if (head === undefined) return { name, bytes };
  const { namespace, embedderId, entries } = head.meta;
  return {
    name,
    ...(typeof namespace === 'string' && { namespace }),
    ...(typeof embedderId === 'string' && { embedder: embedderId }),
    ...(typeof entries === 'number' && { entries }),
    revision: head.revision,
    bytes,
    ageSeconds: Math.max(0, Math.round((Date.now() - savedAt) / 1000)),
  };
}
