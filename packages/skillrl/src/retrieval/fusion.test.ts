import type { BankEntry } from '@skillrl/core';
import { compact, sqlite, vectorIndex } from '@skillrl/drivers';
import { createRecaller, lexicalIndex, type Recaller } from '@skillrl/memory';
import { temporaryFolder } from '@skillrl/testing';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { paraphrases, skillEntries } from '../../test-support/recorded-bank.ts';

const { development, test } = paraphrases();
const all = [...development, ...test];
const idOf = (position: number): string => `skill-${String(position).padStart(3, '0')}`;

describe('on 150 skills asked for by paraphrase and by keywords', () => {
  let close: () => Promise<void>;
  let ours: Ranks;
  let rankSum: Ranks;
  let meaning: Ranks;
  let keywords: Ranks;

  beforeAll(async () => {
    const store = sqlite({ path: join(temporaryFolder(), 'bank.db') });
    // By their text alone, as the embedder's own measurement has them.
    const put = skillEntries().map((entry, position): BankEntry => bare(entry, all[position]!.text));
    await store.entries.commit({ namespace: 'default', reason: 'skills', put });
    const recaller = createRecaller(
      { ...store, embedder: compact(), createVectorIndex: (dimensions) => vectorIndex({ dimensions }) },
      { namespace: 'default', embedTimeoutMs: 60_000 },
    );
    close = async () => {
      await recaller.close();
      await store.close();
    };
    ours = await ranksOf((text) => searched(recaller, text), 'paraphrase');
    keywords = await ranksOf((text) => searched(recaller, text), 'keywords');
    const halves = await separateHalves();
    meaning = await ranksOf(async (text) => (await halves(text)).dense, 'paraphrase');
    rankSum = await ranksOf(async (text) => {
      const { dense, lexical } = await halves(text);
      return fusedByRank(dense, lexical);
    }, 'paraphrase');
  }, 60_000);
  afterAll(() => close());

  it('the usual sum of reciprocal ranks destroys paraphrases that meaning alone finds', () => {
    expect(first(rankSum)).toBeLessThan(0.75 * first(meaning));
  });

  it('ours finds as many paraphrases first as meaning alone does', () => {
    expect(first(ours)).toBeGreaterThanOrEqual(first(meaning) - 1 / test.length);
    expect(amongFive(ours)).toBeGreaterThanOrEqual(amongFive(meaning) - 1 / test.length);
  });

  it('ours finds 97 % and more by keywords', () => {
    expect(first(keywords)).toBeGreaterThanOrEqual(0.97);
  });

  it('words alone find every one by keywords: parts of compounds add no noise', () => {
    const index = lexicalIndex();
    for (const [position, { text }] of all.entries()) index.add(idOf(position), text);
    const found = all.filter(
      ({ keywords: query }, position) => index.search(query, { limit: 1 })[0]?.id === idOf(position),
    );
    expect(found).toHaveLength(all.length);
  });
});

/** Ranks of the right skill, from 0, for the test questions. */
type Ranks = readonly number[];

function first(ranks: Ranks): number {
  return ranks.filter((rank) => rank === 0).length / ranks.length;
}

function amongFive(ranks: Ranks): number {
  return ranks.filter((rank) => rank < 5).length / ranks.length;
}

async function ranksOf(
  find: (text: string) => Promise<readonly string[]>,
  field: 'paraphrase' | 'keywords',
): Promise<Ranks> {
  const ranks: number[] = [];
  for (const [position, question] of test.entries()) {
    const found = await find(question[field]);
    const rank = found.indexOf(idOf(development.length + position));
    ranks.push(rank < 0 ? Infinity : rank);
  }
  return ranks;
}

async function searched(recaller: Recaller, text: string): Promise<string[]> {
  return (await recaller.search(text, { limit: 64 })).map(({ id }) => id);
}

/** The two halves by themselves, 64 hits each. */
async function separateHalves() {
  const embedder = compact();
  const index = lexicalIndex();
  const vectors = vectorIndex({ dimensions: embedder.dimensions });
  const made = await embedder.embed(all.map(({ text }) => text));
  for (const [position, { text }] of all.entries()) index.add(idOf(position), text);
  vectors.add(made.map((vector, position) => ({ id: idOf(position), vector })));
  return async (text: string) => {
    const [vector] = await embedder.embed([text], { kind: 'query' });
    const ids = (hits: readonly { readonly id: string }[]): string[] => hits.map(({ id }) => id);
    return { dense: ids(vectors.search(vector!, { limit: 64 })), lexical: ids(index.search(text, { limit: 64 })) };
  };
}

/** Reciprocal-rank fusion, 1 / (60 + rank) from each list. Source: Cormack, Clarke and Büttcher 2009. */
function fusedByRank(...lists: readonly (readonly string[])[]): string[] {
  const scores = new Map<string, number>();
  for (const list of lists) {
    for (const [rank, id] of list.entries()) scores.set(id, (scores.get(id) ?? 0) + 1 / (61 + rank));
  }
  return [...scores].toSorted((a, b) => b[1] - a[1]).map(([id]) => id);
}

function bare(entry: BankEntry, text: string): BankEntry {
  return { ...entry, title: text, conditions: undefined, body: emptied(entry) } as BankEntry;
}

function emptied({ body }: BankEntry): BankEntry['body'] {
  return Object.fromEntries(Object.keys(body).map((key) => [key, ''])) as unknown as BankEntry['body'];
}
