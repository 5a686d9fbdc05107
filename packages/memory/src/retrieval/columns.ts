/** Numbers, or texts where `null` stands for a gap. */
export type Column =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | readonly (string | null)[];

export type Columns = Readonly<Record<string, Column>>;

const kinds = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array } as const;
type Kind = keyof typeof kinds | 'text';
type Heading = readonly [name: string, kind: Kind, bytes: number];

/** Every column begins at a multiple of so many bytes, so that a typed array may look at it where it lies. */
const alignment = 8;

/**
 * Columns as runs of bytes: the length of the heading (u32, little-endian), the heading as JSON, then column after column, each filled up to
 * a multiple of 8. Texts are a JSON array. Arrays of numbers are not copied: they must stay as they are until the runs were written.
 */
export function packColumns(columns: Columns): Uint8Array[] {
  const headings: Heading[] = [];
  const runs: Uint8Array[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const bytes = bytesOf(column);
    headings.push([name, kindOf(column), bytes.byteLength]);
    runs.push(bytes, new Uint8Array(padding(bytes.byteLength)));
  }
  const heading = new TextEncoder().encode(JSON.stringify(headings));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, heading.byteLength, true);
  return [length, heading, new Uint8Array(padding(4 + heading.byteLength)), ...runs];
}

/** Packed columns, read by name. */
export interface ColumnReader {
  /** @throws {RangeError} when there is no such column of numbers, or it has another length than asked for. */
  numbers<Name extends keyof typeof kinds>(
    name: string,
    kind: Name,
    length?: number,
  ): InstanceType<(typeof kinds)[Name]> & { readonly buffer: ArrayBuffer };
  /** @throws {RangeError} as `numbers`. */
  texts(name: string, length?: number): (string | null)[];
}

/**
 * Reads packed bytes; numbers are windows on them.
 *
 * @param bytes - at the start of an `ArrayBuffer` of their own.
 * @throws {RangeError} or {SyntaxError} for bytes that `packColumns` did not make.
 */
export function readColumns(bytes: Uint8Array<ArrayBuffer>): ColumnReader {
  const text = new TextDecoder();
  const headingLength = new DataView(bytes.buffer).getUint32(0, true);
  const headings = JSON.parse(text.decode(bytes.subarray(4, 4 + headingLength))) as readonly Heading[];
  const places = new Map<string, { readonly kind: Kind; readonly at: number; readonly length: number }>();
  let at = 4 + headingLength + padding(4 + headingLength);
  for (const [name, kind, length] of headings) {
    places.set(name, { kind, at, length });
    at += length + padding(length);
  }
  if (at !== bytes.byteLength) throw new RangeError(`the columns take ${at} bytes, not ${bytes.byteLength}`);
  const find = (name: string, kind: Kind) => {
    const place = places.get(name);
    if (place?.kind !== kind) throw new RangeError(`there is no column '${name}' of kind ${kind}`);
    return place;
  };
  return {
    numbers: (name, kind, length) => {
      const place = find(name, kind);
      const array = new kinds[kind](bytes.buffer, place.at, place.length / kinds[kind].BYTES_PER_ELEMENT);
      return checked(name, array, length) as never;
    },
    texts: (name, length) => {
      const place = find(name, 'text');
      const texts = JSON.parse(text.decode(bytes.subarray(place.at, place.at + place.length))) as (string | null)[];
      return checked(name, texts, length);
    },
  };
}

function checked<Column extends { readonly length: number }>(name: string, column: Column, length?: number): Column {
  if (length === undefined || column.length === length) return column;
  throw new RangeError(`column '${name}' has ${column.length} values, not ${length}`);
}

function bytesOf(column: Column): Uint8Array {
  if (isTexts(column)) return new TextEncoder().encode(JSON.stringify(column));
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function kindOf(column: Column): Kind {
  if (column instanceof Uint8Array) return 'u8';
  if (column instanceof Uint16Array) return 'u16';
  if (column instanceof Uint32Array) return 'u32';
  return column instanceof Float32Array ? 'f32' : 'text';
}

function isTexts(column: Column): column is readonly (string | null)[] {
  return Array.isArray(column);
}

function padding(length: number): number {
  return (alignment - (length % alignment)) % alignment;
}
