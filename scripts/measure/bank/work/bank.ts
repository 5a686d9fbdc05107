import { join } from 'node:path';

import { compact, createVectorIndex, sqlite, type SqliteStores } from '../../../../packages/drivers/src/index.ts';
import { createRecaller, type Recaller } from '../../../../packages/memory/src/index.ts';
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
  readonly recaller: Recaller;
  close(): Promise<void>;
}

/** The bank as `openSkillMemory` puts it together. Nothing is withheld, and no embedding is cut short. */
export function openBank(folder: string): OpenBank {
  const store = sqlite({ path: join(folder, 'bank.db') });
  const recaller = createRecaller(
    { entries: store.entries, embedder: compact(), createVectorIndex },
    { namespace, withholdProbability: 0, embedTimeoutMs: 600_000 },
  );
  const close = async (): Promise<void> => {
    await recaller.close();
    await store.close();
  };
  return { store, recaller, close };
}

/** Fills a bank, and leaves it as a program that ended properly does. */
export async function work({ folder, count }: BankInput): Promise<BankResult> {
  const { store, recaller, close } = openBank(folder);
  let spentMs = 0;
  for (let first = 0; first < count; first += 5000) {
    const size = Math.min(5000, count - first);
    const put = Array.from({ length: size }, (_, at) => generatedEntry(first + at, namespace));
    spentMs += await processorMs(() => store.entries.commit({ namespace, reason: 'generated', put }));
  }
  const preparedMs = await processorMs(() => recaller.prepare());
  await close();
  return { committedPerSecond: count / (spentMs / 1000), preparedS: preparedMs / 1000 };
}
