import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { boundaryError } from '@skillrl/core';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';

import { filePlace } from './file-place.ts';
import { type RolloutRow, rolloutColumns } from './rollout-row.ts';

export const rolloutFormats = ['parquet', 'jsonl'] as const;
export type RolloutFormat = (typeof rolloutFormats)[number];

/** Rows that are in memory at a time. */
const rowGroupSize = 1_000;

/**
 * Writes rows to a file that appears under its name when it is whole. Parquet: lists of the three-level form, Snappy.
 *
 * @returns how many rows. @throws {FileError}; {InputError} `NO_PLAIN_FILE`
 */
export async function writeRollouts(
  path: string,
  format: RolloutFormat,
  rows: AsyncIterable<RolloutRow>,
): Promise<number> {
  const place = filePlace(path);
  const part = join(dirname(place), `.${basename(place)}.${process.pid}.part`);
  let count = 0;
  const counted = async function* (): AsyncGenerator<RolloutRow> {
    for await (const row of rows) {
      count += 1;
      yield row;
    }
  };
  try {
    await (format === 'parquet' ? writeParquet(part, counted()) : writeJsonLines(part, counted()));
    syncFile(part);
    renameSync(part, place);
  } catch (error) {
    rmSync(part, { force: true });
    throw boundaryError('file', `write ${path}`, error);
  }
  return count;
}

async function writeJsonLines(path: string, rows: AsyncIterable<RolloutRow>): Promise<void> {
  const lines = async function* (): AsyncGenerator<string> {
    for await (const row of rows) yield `${JSON.stringify(row)}\n`;
  };
  await writeFile(path, lines());
}

async function writeParquet(path: string, rows: AsyncIterable<RolloutRow>): Promise<void> {
  const columns = rolloutColumns.map(({ name }) => ({ name }));
  await parquetWriteRows({ writer: fileWriter(path), rows, columns, schema: parquetSchema(), rowGroupSize });
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]['schema']>[number];

function parquetSchema(): SchemaElement[] {
  const fields = rolloutColumns.map(({ name, type, isList, isNullable }): SchemaElement[] => {
    const repetition_type = isNullable === true ? 'OPTIONAL' : 'REQUIRED';
    const value: Pick<SchemaElement, 'type' | 'converted_type'> =
      type === 'STRING' ? { type: 'BYTE_ARRAY', converted_type: 'UTF8' } : { type };
    if (isList !== true) return [{ name, ...value, repetition_type }];
    // https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
    return [
      { name, converted_type: 'LIST', repetition_type, num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', ...value, repetition_type: 'REQUIRED' },
    ];
  });
  return [{ name: 'root', num_children: fields.length }, ...fields.flat()];
}
