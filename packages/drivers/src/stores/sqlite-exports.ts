import { parse, type ExportRecord } from '@skillrl/core';
import { z } from 'zod';

import type { SqliteDatabase } from './sqlite-database.ts';
import { nextSeq } from './sqlite-seq.ts';

const exportRecord: z.ZodType<ExportRecord> = z.object({
  id: z.string().min(1),
  kind: z.string(),
  destination: z.string(),
  at: z.number().int(),
  episodeIds: z.array(z.string()),
  entryIds: z.array(z.string()),
});

/** Keeps the record, and what it holds in rows of their own; a record that is already there stays. */
export function registerExport(database: SqliteDatabase, record: ExportRecord): void {
  const checked = parse(exportRecord, record, `export '${record.id}'`);
  if (database.get('SELECT 1 FROM export WHERE id = ?', [checked.id]) !== undefined) return;
  const seq = nextSeq(database);
  database.run('INSERT INTO export (seq, id, json) VALUES (?, ?, ?)', [seq, checked.id, JSON.stringify(checked)]);
  for (const [kind, ids] of [['episode', checked.episodeIds] as const, ['entry', checked.entryIds] as const]) {
    for (const id of new Set(ids)) {
      database.run('INSERT INTO export_holding (kind, id, export) VALUES (?, ?, ?)', [kind, id, seq]);
    }
  }
}

/** The records that hold the episode or the entry, in the order of registering. */
export function exportsHolding(
  database: SqliteDatabase,
  { episodeId = null, entryId = null }: { readonly episodeId?: string | null; readonly entryId?: string | null },
): ExportRecord[] {
  const rows = database.all<{ json: string }>(
    `SELECT json FROM export WHERE seq IN (SELECT export FROM export_holding WHERE kind = 'episode' AND id = ?
     UNION SELECT export FROM export_holding WHERE kind = 'entry' AND id = ?) ORDER BY seq`,
    [episodeId, entryId],
  );
  return rows.map(({ json }) => parse(exportRecord, JSON.parse(json), 'registered export'));
}
