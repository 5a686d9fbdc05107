import { IndexError, type SavedVectorIndex, type VectorIndexParts } from '@skillrl/core';
import { z } from 'zod';

import { UnitRows } from './unit-rows.ts';
import type { RestoredRows, VectorRows } from './vector-rows.ts';

/** The rows of an index, to be kept; the bytes do not change while the index does. The codes are not among them: making them anew takes no longer than reading. */
export function saveRows(rows: VectorRows): VectorIndexParts {
  const { names, groupOf } = rows.groups.saved();
  const head: Head = { format, dimensions: rows.dimensions, ids: rows.ids, groups: names };
  return {
    rows: [Buffer.from(JSON.stringify(head))],
    vectors: rows.units.share(rows.size),
    groups: [new Uint8Array(groupOf.buffer)],
  };
}

/** @throws {IndexError} `SAVED_INDEX_MISFIT` */
export async function restoreRows(dimensions: number, saved: SavedVectorIndex): Promise<RestoredRows> {
  const head = parseHead(await bytesOf(saved, 'rows'));
  const count = head.ids.length;
  if (head.dimensions !== dimensions) {
    throw misfit(`it holds vectors of ${head.dimensions} numbers, not of ${dimensions}`);
  }
  const vectors = await bytesOf(saved, 'vectors');
  if (vectors.byteLength !== count * dimensions * 4) throw misfit('the vectors are not as many as the ids');
  const groups = await bytesOf(saved, 'groups');
  if (groups.byteLength !== count * 4) throw misfit('the groups are not as many as the ids');
  const groupOf = new Uint32Array(groups.buffer, groups.byteOffset, count);
  if (groupOf.some((number) => number >= head.groups.length)) throw misfit('a vector is in a group without a name');
  return {
    ids: head.ids,
    units: UnitRows.of(dimensions, count, new Float32Array(vectors.buffer, vectors.byteOffset, count * dimensions)),
    groups: { names: head.groups, groupOf },
  };
}

/** The labels of the graph that was saved with the rows; `undefined` when none was. */
export async function restoreLabels(saved: SavedVectorIndex): Promise<Int32Array | undefined> {
  if (saved['graph'] === undefined) return undefined;
  const bytes = await bytesOf(saved, 'labels');
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

export function misfit(why: string, cause?: unknown): IndexError {
  return new IndexError({
    code: 'SAVED_INDEX_MISFIT',
    message: `The saved vector index cannot be used: ${why}.`,
    hint: 'Build it anew from the store.',
    cause,
  });
}

/** To be raised whenever a part's content changes its meaning. */
const format = 1;

const headSchema = z.object({
  format: z.literal(format),
  dimensions: z.int(),
  ids: z.custom<readonly string[]>(areTexts),
  groups: z.custom<readonly string[]>(areTexts),
});
type Head = z.infer<typeof headSchema>;

/** A schema for each of a million texts would take longer than to read them. */
function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function parseHead(bytes: Uint8Array): Head {
  try {
    return headSchema.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()));
  } catch (cause) {
    throw misfit('its description is not of this version', cause);
  }
}

/** At a place in memory where numbers of four bytes may begin. */
async function bytesOf(saved: SavedVectorIndex, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const part = saved[name];
  if (part === undefined) throw misfit(`its part '${name}' is missing`);
  const bytes = await part.bytes();
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}
