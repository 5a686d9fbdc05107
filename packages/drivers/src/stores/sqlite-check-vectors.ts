import { rowsOf, type BankCheck } from './sqlite-check.ts';
import { readNumbers, type VectorRow } from './sqlite-vectors.ts';

interface FullRow extends VectorRow {
  readonly seq: number;
  readonly id: string;
  readonly dimensions: number;
}

/** Every vector as long as its embedder's, finite, and as it was written. */
export const checkVectors: BankCheck = function* (bank, report) {
  const sql = `SELECT seq, embedder.id, dimensions, numbers, crc FROM vector JOIN embedder ON embedder.key = vector.embedder`;
  for (const row of rowsOf<FullRow>(bank, sql)) {
    const what = wrongVector(row);
    const remedy = 'Nothing is lost: the text is embedded anew when it is needed.';
    if (what !== undefined) report({ table: 'vector', id: String(row.seq), what, remedy });
    yield;
  }
};

function wrongVector(row: FullRow): string | undefined {
  const length = row.numbers.byteLength / 4;
  if (length !== row.dimensions) return `It has ${length} numbers; those of '${row.id}' have ${row.dimensions}.`;
  const numbers = readNumbers(row, row.dimensions);
  if (numbers === undefined) return 'Its numbers are not those that were written.';
  return numbers.every(Number.isFinite) ? undefined : 'It holds a number that is not finite.';
}
