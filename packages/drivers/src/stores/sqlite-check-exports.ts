import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';

/** Records of what left the bank, each with all that it holds, so that a deletion can name it. */
export const checkExports: BankCheck = function* (bank, report) {
  const sql = 'SELECT id, json, (SELECT count(*) FROM export_holding WHERE export = seq) AS held FROM export';
  for (const { id, json, held } of rowsOf<{ id: string; json: string; held: number }>(bank, sql)) {
    const what = wrongExport(id, json, held);
    if (what !== undefined) report({ table: 'export', id, what, remedy: restoreBackup });
    yield;
  }
};

function wrongExport(id: string, json: string, held: number): string | undefined {
  try {
    const record = JSON.parse(json) as { id: string; episodeIds: string[]; entryIds: string[] };
    if (record.id !== id) return `Its text is that of '${record.id}'.`;
    if (new Set(record.episodeIds).size + new Set(record.entryIds).size === held) return undefined;
    return 'It does not list all that it holds: a deletion could not name it.';
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
