import { crc32 } from 'node:zlib';

import { parse, type ExportHolding, type ExportRecord } from '@skillrl/core';
import { z } from 'zod';

import type { SqliteDatabase } from './sqlite-database.ts';
import { nextSeq } from './sqlite-seq.ts';

/** Holdings kept in one transaction. */
const batchSize = 1000;

const exportRecord: z.ZodType<ExportRecord> = z.object({
  id: z.string().min(1),
  kind: z.string(),
  destination: z.string(),
  at: z.number().int(),
});

/** Keeps the record, and what it holds in rows of their own, some at a time; a record that is already there stays. */
export async function registerExport(
  database: SqliteDatabase,
  record: ExportRecord,
  holdings: Iterable<ExportHolding> | AsyncIterable<ExportHolding>,
): Promise<void> {
  const checked = parse(exportRecord, record, `export '${record.id}'`);
  let seq: number | undefined;
  const keep = (batch: readonly ExportHolding[]): Promise<boolean> =>
    database.write('register an export', () => {
      if (seq === undefined) {
        if (database.get('SELECT 1 FROM export WHERE id = ?', [checked.id]) !== undefined) return false;
        seq = nextSeq(database);
        const json = JSON.stringify(checked);
        const row = [seq, checked.id, json, crc32(json)];
        database.run('INSERT INTO export (seq, id, json, crc) VALUES (?, ?, ?, ?)', row);
      }
      let held = 0;
      for (const holding of batch) {
        held += database.run('INSERT OR IGNORE INTO export_holding (kind, namespace, id, export) VALUES (?, ?, ?, ?)', [
          ...keyOf(holding),
          seq,
        ]).changes;
      }
      database.run('UPDATE export SET held = held + ? WHERE seq = ?', [held, seq]);
      return true;
    });
  let batch: ExportHolding[] = [];
  for await (const holding of holdings) {
    batch.push(holding);
    if (batch.length < batchSize) continue;
    if (!(await keep(batch))) return;
    batch = [];
  }
  if (batch.length > 0 || seq === undefined) await keep(batch);
}

/** The records that hold the thing, in the order of registering. */
export function exportsHolding(database: SqliteDatabase, what: ExportHolding): ExportRecord[] {
  const rows = database.all<{ json: string }>(
    `SELECT json FROM export_holding JOIN export ON seq = export
     WHERE export_holding.kind = ? AND namespace = ? AND export_holding.id = ? ORDER BY seq`,
    keyOf(what),
  );
  return rows.map(({ json }) => parse(exportRecord, JSON.parse(json), 'registered export'));
}

function keyOf(holding: ExportHolding): [kind: string, namespace: string, id: string] {
  return 'episodeId' in holding ? ['episode', '', holding.episodeId] : ['entry', holding.namespace, holding.entryId];
}
