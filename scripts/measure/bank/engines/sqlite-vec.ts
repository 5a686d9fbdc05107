import { DatabaseSync } from 'node:sqlite';

import type { Engine, EngineModule } from './engine.ts';
import { requirePeer } from './peer.ts';

type Hits = { readonly rowid: number }[];

/** Its virtual table in a database in memory, through `node:sqlite`. */
export const open: EngineModule['open'] = ({ dimensions, peers }): Engine<Uint8Array, Hits> => {
  const { getLoadablePath } = requirePeer<{ getLoadablePath(): string }>(peers, 'sqlite-vec', 'sqlite-vec');
  const database = new DatabaseSync(':memory:', { allowExtension: true });
  database.loadExtension(getLoadablePath());
  database.exec(`CREATE VIRTUAL TABLE rows USING vec0(vector float[${dimensions}] distance_metric=cosine)`);
  const insert = database.prepare('INSERT INTO rows(rowid, vector) VALUES (?, ?)');
  const search = database.prepare('SELECT rowid FROM rows WHERE vector MATCH ? AND k = ? ORDER BY distance');
  return {
    add: (first, rows) => {
      database.exec('BEGIN');
      for (const [at, row] of rows.entries()) insert.run(BigInt(first + at), bytesOf(row));
      database.exec('COMMIT');
    },
    query: bytesOf,
    search: (query, limit) => search.all(query, limit) as unknown as Hits,
    rows: (hits) => hits.map(({ rowid }) => Number(rowid)),
    close: () => database.close(),
  };
};

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}
