import { DatabaseSync } from 'node:sqlite';

import type { Embedder } from '../../../packages/core/src/index.ts';
import { createRecaller, lexicalIndex } from '../../../packages/memory/src/index.ts';
import { aDemonstration, memoryEntryStore } from '../../../packages/testing/src/index.ts';

/** What orders texts by how well they answer a question. */
export interface Searcher {
  readonly name: string;
  /** A score a text, in their order; more is better, and 0 or less for a text that was not found. */
  scores(question: string): Promise<readonly number[]>;
}

/** By the cosine of an embedder's vectors. */
export async function dense(embedder: Embedder, texts: readonly string[]): Promise<Searcher> {
  const vectors = await embedder.embed(texts);
  return {
    name: embedder.id,
    scores: async (question) => {
      const [asked] = await embedder.embed([question], { kind: 'query' });
      return vectors.map((vector) => dot(asked!, vector));
    },
  };
}

/** The lexical half of retrieval: BM25 over whole words. */
export function ownBm25(texts: readonly string[]): Searcher {
  const index = lexicalIndex();
  for (const [position, text] of texts.entries()) index.add(String(position), text);
  return {
    name: 'BM25, our index',
    scores: async (question) => {
      const found = new Map(index.search(question, { limit: texts.length }).map(({ id, score }) => [id, score]));
      return texts.map((_, position) => found.get(String(position)) ?? 0);
    },
  };
}

/** BM25 over word stems, as SQLite has it. */
export function sqliteBm25(texts: readonly string[]): Searcher {
  const database = new DatabaseSync(':memory:');
  database.exec("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61')");
  const insert = database.prepare('INSERT INTO texts (rowid, text) VALUES (?, ?)');
  for (const [position, text] of texts.entries()) insert.run(position + 1, text);
  const find = database.prepare('SELECT rowid, -bm25(texts) AS score FROM texts WHERE texts MATCH ?');
  return {
    name: 'BM25, FTS5 porter',
    scores: async (question) => {
      const terms = question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
      const rows = find.all(terms.map((term) => `"${term}"`).join(' OR ')) as { rowid: number; score: number }[];
      const found = new Map(rows.map(({ rowid, score }) => [rowid, score]));
      return texts.map((_, position) => found.get(position + 1) ?? 0);
    },
  };
}

/** The whole of retrieval over entries whose key is the text: what `memory.search` orders by. */
export async function fused(embedder: Embedder, texts: readonly string[]): Promise<Searcher> {
  const entries = memoryEntryStore();
  const put = texts.map((text, position) => {
    const [title = '', ...rest] = text.split('. ');
    const body = { goal: rest.join('. ') || title, steps: [{ action: 'do it' }], result: 'done' };
    return aDemonstration({ id: `text-${position}`, title, body });
  });
  await entries.commit({ namespace: 'default', reason: 'measure', put });
  const recaller = createRecaller({ entries, embedder }, { namespace: 'default', embedTimeoutMs: 60_000 });
  await recaller.prepare();
  return {
    name: `retrieval with ${embedder.id}`,
    scores: async (question) => {
      const found = await recaller.search(question, { limit: texts.length });
      const relevance = new Map(found.map((hit) => [hit.id, hit.relevance]));
      return texts.map((_, position) => relevance.get(`text-${position}`) ?? 0);
    },
  };
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let position = 0; position < a.length; position += 1) sum += a[position]! * b[position]!;
  return sum;
}
