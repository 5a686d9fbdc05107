import {
  contentHash,
  type IndexPart,
  type SavedIndexStore,
  type SavedIndexSummary,
  type CreateVectorIndex,
  type EntryStore,
  type LoadedIndex,
  type SavedPart,
  type VectorIndex,
  type VectorIndexParts,
} from '@skillrl/core';
import * as z from 'zod';

import type { BankSelection } from '../bank/select-entry.ts';
import { canonicalJson } from '../portability/canonical-json.ts';
import { packColumns, readColumns } from './columns.ts';
import { KnownEntries } from './known-entries.ts';
import { lexicalIndex, type LexicalIndex } from './lexical-index.ts';
import { tokenise } from './tokenise.ts';

/** Raised when what is saved changes its shape or its meaning: what an older program saved is built anew then. */
export const savedFormat = 3;

const sample = 'Résumé, naïve—ＡＢＣ 12.5 寿司を食べる GPT模型x snake_case camelCase HTTPServer2 Straße don’t ไทย é';

/** Tells whether entries are still cut into the words that an index was made of. */
const derivation = contentHash(JSON.stringify(tokenise(sample, { withSingles: true }))).slice(0, 16);

/** What an index is of. Each is saved by itself. */
export interface IndexScope {
  readonly namespace: string;
  readonly select: BankSelection;
  /** Absent: the index is lexical only. */
  readonly embedderId?: string;
}

/** What an index holds. */
export interface IndexState {
  readonly known: KnownEntries;
  readonly lexical: LexicalIndex;
  readonly dense?: VectorIndex;
  /** Ids of entries that still wait for a vector. */
  readonly waiting: readonly string[];
}

export type RestoredIndex =
  | (IndexState & {
      readonly revision: number;
      /** What kind of vector index was saved; what is opened may still be on its way there. */
      readonly kind?: string;
    })
  /** Why it is built anew; `undefined` when none was saved. */
  | { readonly reason: string | undefined };

const vectorPart = 'vector-';

const metaSchema = z.object({
  format: z.number(),
  scope: z.string(),
  derivation: z.string(),
  mark: z.string(),
  entries: z.number(),
  vectors: z.number(),
  dimensions: z.number().optional(),
  kind: z.string().optional(),
});

/** The name that a scope's index is saved under; equal scopes have equal names. */
export function savedIndexName(scope: IndexScope): string {
  return `index-${contentHash(canonicalJson(scope)).slice(0, 24)}`;
}

/**
 * Saves an index as it is at one moment; it may go on changing meanwhile.
 *
 * @param snapshot - what the index holds at the moment of the call.
 * @returns `undefined` when the revision has no mark any more. @throws {FileError} when it cannot be written.
 */
export async function saveIndex(
  store: SavedIndexStore,
  entries: EntryStore,
  scope: IndexScope,
  dense: VectorIndex | undefined,
  snapshot: () => IndexState & { readonly revision: number },
): Promise<SavedIndexSummary | undefined> {
  const write = async (vectors: VectorIndexParts, hasVectors: boolean): Promise<SavedIndexSummary | undefined> => {
    const { known, lexical, waiting, revision } = snapshot();
    // An index that cannot be saved is filled again from the vectors that the store keeps.
    const isLost = !hasVectors && scope.embedderId !== undefined && (dense?.size ?? 0) > 0;
    const facts = {
      format: savedFormat,
      derivation,
      scope: canonicalJson(scope),
      ...scope,
      entries: known.size,
      vectors: hasVectors ? dense!.size : 0,
      ...(hasVectors && { dimensions: dense!.dimensions, kind: dense!.kind }),
    };
    const parts: Record<string, IndexPart> = {
      entries: packColumns({ ...known.columns(), waiting: isLost ? known.ids() : waiting }),
      lexical: packColumns(lexical.save()),
    };
    for (const [name, part] of Object.entries(vectors)) parts[`${vectorPart}${name}`] = part;
    const mark = await entries.markOf(revision);
    if (mark === undefined) return undefined;
    return store.save(savedIndexName(scope), { revision, meta: { ...facts, mark } }, parts);
  };
  if (dense?.save === undefined || dense.size === 0) return write({}, false);
  return dense.save((vectors) => write(vectors, true));
}

/**
 * The index that was saved of a scope, verified to be of this bank and not younger than a revision.
 *
 * @returns a reason instead when it is damaged, of another bank or format, or does not fit together.
 */
export async function restoreIndex(
  store: SavedIndexStore,
  entries: EntryStore,
  createVectorIndex: CreateVectorIndex,
  scope: IndexScope,
  latest: number,
): Promise<RestoredIndex> {
  const loaded = await store.load(savedIndexName(scope));
  if (loaded.state === 'absent') return { reason: undefined };
  if (loaded.state === 'damaged') return { reason: loaded.reason };
  const { revision } = loaded;
  const mark = await entries.markOf(revision);
  if (mark === undefined) return { reason: `it is of revision ${revision}, which this bank does not have` };
  // An older state of the bank is looked at: what was saved is good, but not for this.
  if (revision > latest) return { reason: undefined };
  const meta = metaSchema.safeParse(loaded.meta).data;
  if (meta === undefined) return { reason: 'its facts are not understood' };
  if (meta.format !== savedFormat) return { reason: `it has format ${meta.format}, not ${savedFormat}` };
  if (meta.derivation !== derivation) return { reason: 'its entries were cut into words in another way' };
  if (meta.scope !== canonicalJson(scope)) return { reason: 'it is of another namespace, selection or embedder' };
  if (meta.mark !== mark) return { reason: 'it is of another bank, or of another history of this one' };
  try {
    return { revision, kind: meta.kind, ...(await readParts(loaded, meta, createVectorIndex)) };
  } catch (error) {
    return { reason: `its parts do not fit together (${error instanceof Error ? error.message : String(error)})` };
  }
}

async function readParts(
  { parts }: Extract<LoadedIndex, { readonly state: 'whole' }>,
  meta: z.infer<typeof metaSchema>,
  createVectorIndex: CreateVectorIndex,
): Promise<IndexState> {
  const part = (name: string): SavedPart => {
    const found = parts[name];
    if (found === undefined) throw new RangeError(`there is no part '${name}'`);
    return found;
  };
  const entryColumns = readColumns(await part('entries').bytes());
  const known = new KnownEntries(entryColumns);
  const waiting = entryColumns.texts('waiting').filter((id) => id !== null);
  const lexical = lexicalIndex(readColumns(await part('lexical').bytes()));
  refuseCount('entries', known.size, meta.entries);
  refuseCount('documents', lexical.size, meta.entries);
  if (meta.dimensions === undefined) return { known, lexical, waiting };
  const saved = Object.entries(parts).filter(([name]) => name.startsWith(vectorPart));
  const vectorParts = Object.fromEntries(saved.map(([name, each]) => [name.slice(vectorPart.length), each]));
  const dense = await createVectorIndex(meta.dimensions, vectorParts);
  try {
    refuseCount('vectors', dense.size, meta.vectors);
    if (dense.dimensions !== meta.dimensions) throw new RangeError(`the vectors have ${dense.dimensions} numbers`);
  } catch (error) {
    dense.close();
    throw error;
  }
  return { known, lexical, dense, waiting };
}

function refuseCount(what: string, found: number, wanted: number): void {
  if (found !== wanted) throw new RangeError(`it has ${found} ${what}, not ${wanted}`);
}
