import { crc32 } from 'node:zlib';

import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';

/** Records of what left the bank, each with all that it holds, so that a deletion can name it. */
export const checkExports: BankCheck = function* (bank, report) {
  const sql = `SELECT id, json, crc, held, (SELECT count(*) FROM export_holding WHERE export = seq) AS listed FROM export`;
  for (const row of rowsOf<ExportRow>(bank, sql)) {
    const what = wrongExport(row);
    if (what !== undefined) report({ table: 'export', id: row.id, what, remedy: restoreBackup });
    yield;
  }
};

interface ExportRow {
  readonly id: string;
  readonly json: string;
  readonly crc: number;
  readonly held: number;
  readonly listed: number;
}

function wrongExport({ id, json, crc, held, listed }: ExportRow): string | undefined {
  if (crc32(json) !== crc) return 'It is not the text that was written.';
  try {
    const record = JSON.parse(json) as { id: string };
    if (record.id !== id) return `Its text is that of '${record.id}'.`;
    if (held === listed) return undefined;
    return 'It does not list all that it holds: a deletion could not name it.';
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
