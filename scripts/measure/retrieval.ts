import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Embedder } from '../../packages/core/src/index.ts';
import { compact, sqlite, vectorIndex } from '../../packages/drivers/src/index.ts';
import { loadWordVectors } from '../../packages/drivers/src/embedders/word-vectors.ts';
import { createRecaller } from '../../packages/memory/src/index.ts';
import { seededRandom, temporaryFolder } from '../../packages/testing/src/index.ts';
import { realisticBank } from './retrieval/realistic-bank.ts';

export const description = 'Retrieval, whole and in its parts, beside FTS5 and minisearch';

export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { entries: { type: 'string', default: '10000' }, dimensions: { type: 'string', default: '100' } },
  });
  const count = Number(values.entries);
  const random = seededRandom(1);
  const { rowOf } = await loadWordVectors();
  const vocabulary = [...rowOf.keys()].filter((word) => /^[a-z]{4,9}$/.test(word)).slice(0, 8000);
  const bank = realisticBank(count, vocabulary, random);
  const store = sqlite({ path: join(temporaryFolder(), 'bank.db') });
  await store.entries.commit({ namespace: 'default', reason: 'measure', put: bank.entries });
  const embedder = compact();
  const recaller = createRecaller(
    { entries: store.entries, embedder, createVectorIndex: (d: number) => vectorIndex({ dimensions: d }) },
    { namespace: 'default', embedTimeoutMs: 600_000 },
  );
  await recaller.prepare();
  for (const task of bank.tasks) await recaller.recall({ task });
  const times = bank.tasks.map((): number[] => []);
  for (let pass = 0; pass < 5; pass += 1) {
    for (const [at, task] of bank.tasks.entries()) {
      const begin = performance.now();
      await recaller.recall({ task });
      times[at]!.push(performance.now() - begin);
    }
  }
  const medians = times.map((each) => each.toSorted((a, b) => a - b)[2]!).toSorted((a, b) => a - b);
  console.log(
    cpus()[0]?.model,
    count,
    'p50',
    medians[100],
    'p99',
    medians[198],
    'mean bytes',
    JSON.stringify(bank.entries).length / count,
  );
  await store.close();
}
