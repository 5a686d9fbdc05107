import { join } from 'node:path';

import { contentHash, servedStatuses } from '@skillrl/core';
import { compact, sqlite, vectorIndex } from '@skillrl/drivers';
import { createMemory, type CandidateExplanation, type RecallExplanation } from '@skillrl/memory';
import { temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { recordedTasks, skillEntries, streetEpisodes } from '../../test-support/recorded-bank.ts';

// What 200 tasks recall from a bank learned from recorded episodes, whole and rounded: a faster retrieval must give the same. A change on
// purpose writes it anew with `pnpm test golden -u`.
it('recalls what it always recalled', async () => {
  const store = sqlite({ path: join(temporaryFolder(), 'bank.db') });
  await using memory = createMemory(
    {
      ...store,
      embedder: compact(),
      createVectorIndex: (dimensions) => vectorIndex({ dimensions }),
      clock: { now: () => 10_000_000 },
    },
    { recall: { embedTimeoutMs: 30_000 } },
  );
  await store.episodes.append(streetEpisodes());
  await memory.learn();
  await store.entries.commit({ namespace: 'default', reason: 'skills', put: skillEntries() });
  const served = (await store.entries.view('default')).count({ statuses: servedStatuses });
  expect(await served).toBeGreaterThan(250);

  const lines: string[] = [];
  for (const [position, task] of recordedTasks().entries()) {
    const request = { task, budgetTokens: [undefined, 300, 120][position % 3] };
    const explained = await memory.recaller.explain(request);
    expect(await memory.recaller.recall(request)).toEqual(explained.advice);
    lines.push(`${task.id}: ${summary(explained)}`);
  }
  expect(lines).toHaveLength(200);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./fixtures/golden.txt');
  await store.close();
});

/** What is shown, how many candidates came to what end, and a hash of all that is told of them. */
function summary({ advice, candidates }: RecallExplanation): string {
  const decisions = Object.entries(Object.groupBy(candidates, ({ decision }) => decision))
    .map(([decision, of]) => `${of.length} ${decision}`)
    .toSorted();
  const asked = candidates.filter(({ decision }) => decision !== 'other-conditions');
  const { namespace: _, ...note } = advice.recall;
  const hash = contentHash(JSON.stringify([advice.text, note, asked.map(rounded)])).slice(0, 12);
  return `${advice.entries.map(({ id }) => id.slice(0, 20)).join(' ') || '–'} | ${decisions.join(', ')} | ${hash}`;
}

function rounded(candidate: CandidateExplanation): unknown[] {
  const { entryId, decision, relevance, lexicalRank, denseRank, bm25, similarity, coverage, tokens } = candidate;
  const short = (value: number | undefined): string | undefined => value?.toFixed(4);
  return [
    entryId,
    decision,
    short(relevance),
    lexicalRank,
    denseRank,
    short(bm25),
    short(similarity),
    short(coverage),
    tokens,
  ];
}
