import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { tokenise } from '../../../packages/memory/src/retrieval/tokenise.ts';
import { temporaryFolder } from '../../../packages/testing/src/index.ts';

export interface TextSearch {
  readonly name: string;
  search(query: string): unknown;
}

type Text = readonly [id: string, text: string];

/** SQLite's own full-text search, all in memory: every term of the query may find. */
export function fts5(texts: readonly Text[], limit: number): TextSearch {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE VIRTUAL TABLE note USING fts5(text, content_rowid=id)');
  const insert = database.prepare('INSERT INTO note (rowid, text) VALUES (?, ?)');
  database.exec('BEGIN');
  for (const [position, [, text]] of texts.entries()) insert.run(position, text);
  database.exec('COMMIT');
  const find = database.prepare('SELECT rowid FROM note WHERE note MATCH ? ORDER BY bm25(note) LIMIT ?');
  const quoted = (query: string): string => [...new Set(tokenise(query))].map((term) => `"${term}"`).join(' OR ');
  return { name: 'FTS5 of SQLite', search: (query) => find.all(quoted(query), limit) };
}

interface MiniSearchPackage {
  readonly default: new (options: object) => {
    addAll(documents: readonly object[]): void;
    search(query: string): readonly { readonly id: string }[];
  };
}

/** minisearch from the registry, in a temporary folder. @returns `undefined` where it cannot be had. */
export async function minisearch(texts: readonly Text[], limit: number): Promise<TextSearch | undefined> {
  const folder = temporaryFolder();
  try {
    execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', 'minisearch@7.2.0'], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  const path = createRequire(join(folder, 'package.json')).resolve('minisearch');
  const { default: MiniSearch } = (await import(path)) as MiniSearchPackage;
  const index = new MiniSearch({ fields: ['text'] });
  index.addAll(texts.map(([id, text]) => ({ id, text })));
  return { name: 'minisearch 7.2.0', search: (query) => index.search(query).slice(0, limit) };
}
