import { join } from 'node:path';

import type { VectorIndex } from '../../../../packages/core/src/index.ts';
import {
  compact,
  createVectorIndex,
  savedIndexFiles,
  sqlite,
  type SettlingVectorIndex,
  type SqliteStores,
} from '../../../../packages/drivers/src/index.ts';
import { createRecaller, type EntryIndexPorts, type Recaller } from '../../../../packages/memory/src/index.ts';
import { generatedEntry } from '../generated-entries.ts';
import { processorMs } from '../per-query.ts';

export const namespace = 'measured';

export interface BankInput {
  /** An empty folder, or one with the bank. */
  readonly folder: string;
  readonly count: number;
}

export interface BankResult {
  /** Entries committed a second of processor time. */
  readonly committedPerSecond: number;
  /** To embed all, to keep the vectors and to build the indexes, s of processor time. */
  readonly preparedS: number;
}

export interface OpenBank {
  readonly store: SqliteStores;
  /** What the recaller's index is made of. */
  readonly ports: EntryIndexPorts;
  readonly recaller: Recaller;
  /** Until nothing is left to do, in the background neither. */
  prepare(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenBankOptions {
  readonly embedTimeoutMs?: number;
  /** Whether the index is opened from its saved one, and saved. Default true. */
  readonly isSaved?: boolean;
}

type BackgroundIndex = VectorIndex & Partial<SettlingVectorIndex>;

/** The bank as `openSkillMemory` puts it together. Nothing is withheld. */
export function openBank(folder: string, options: OpenBankOptions = {}): OpenBank {
  const { embedTimeoutMs, isSaved = true } = options;

  const store = sqlite({ path: join(folder, 'bank.db') });
  const indexes: BackgroundIndex[] = [];
  const createIndex = async (...request: Parameters<typeof createVectorIndex>): Promise<BackgroundIndex> => {
    const index = await createVectorIndex(...request);
    indexes.push(index);
    return index;
  };
  const ports: EntryIndexPorts = {
    entries: store.entries,
    embedder: compact(),
    createVectorIndex: createIndex,
    savedIndexes: isSaved ? savedIndexFiles({ folder: join(folder, 'indexes') }) : undefined,
  };
  const recaller = createRecaller(ports, { namespace, withholdProbability: 0, embedTimeoutMs });
  const prepare = async (): Promise<void> => {
    await recaller.prepare();
    for (const index of indexes) await index.settled?.();
  };
  const close = async (): Promise<void> => {
    await recaller.close();
    await store.close();
  };
  return { store, ports, recaller, prepare, close };
}

/** Fills a bank, and leaves it as a program that ended properly does. */
export async function work({ folder, count }: BankInput): Promise<BankResult> {
  const { store, prepare, close } = openBank(folder);
  let spentMs = 0;
  for (let first = 0; first < count; first += 5000) {
    const size = Math.min(5000, count - first);
    const put = Array.from({ length: size }, (_, at) => generatedEntry(first + at, namespace));
    spentMs += await processorMs(() => store.entries.commit({ namespace, reason: 'generated', put }));
  }
  const preparedMs = await processorMs(prepare);
  await close();
  return { committedPerSecond: count / (spentMs / 1000), preparedS: preparedMs / 1000 };
}
