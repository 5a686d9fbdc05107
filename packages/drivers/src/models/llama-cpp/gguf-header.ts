import { closeSync, openSync, readSync } from 'node:fs';

import { ModelError } from '@skillrl/core';

/** A value of a GGUF header; 64-bit integers are given as numbers. */
export type GgufValue = number | boolean | string | readonly (number | boolean | string)[];

/** The keys and values at the head of a GGUF file, such as `general.architecture` and `tokenizer.ggml.tokens`. */
export type GgufHeader = ReadonlyMap<string, GgufValue>;

/**
 * Reads the head of a GGUF file; the weights stay unread.
 *
 * Source: the specification in ggml, docs/gguf.md, versions 2 and 3, little endian.
 *
 * @throws {ModelError} `MODEL_FILE_MISSING`, or `MODEL_FILE_INVALID` for a file of another kind.
 */
export function readGgufHeader(path: string): GgufHeader {
  return readHead(path, (cursor) => readKeys(cursor, path).header);
}

/** Where the parts of a GGUF file begin and end, in bytes. */
export interface GgufLayout {
  readonly header: GgufHeader;
  /** Of the format. */
  readonly version: number;
  readonly tensorCount: number;
  readonly keyCount: number;
  /** Keys and values lie from 24 up to here. */
  readonly keysEnd: number;
  /** Names, shapes and places of the tensors lie from `keysEnd` up to here. */
  readonly tensorsEnd: number;
  /** The numbers lie from here to the end of the file. */
  readonly dataStart: number;
  /** What `dataStart` is a multiple of. */
  readonly alignment: number;
}

/** The same as `readGgufHeader`, with places. @throws {ModelError} as it does. */
export function readGgufLayout(path: string): GgufLayout {
  return readHead(path, (cursor) => {
    const keys = readKeys(cursor, path);
    const keysEnd = cursor.position;
    for (let index = 0; index < keys.tensorCount; index += 1) {
      cursor.text();
      cursor.take(8 * cursor.u32() + 4 + 8); // shape, type, place
    }
    const tensorsEnd = cursor.position;
    const alignment = Number(keys.header.get('general.alignment') ?? 32);
    return { ...keys, keysEnd, tensorsEnd, alignment, dataStart: Math.ceil(tensorsEnd / alignment) * alignment };
  });
}

function readHead<Result>(path: string, read: (cursor: Cursor) => Result): Result {
  const file = openFile(path);
  try {
    return read(new Cursor(file));
  } catch (error) {
    throw error instanceof RangeError ? invalid(path, 'it ends in the middle of its header') : error;
  } finally {
    closeSync(file);
  }
}

function readKeys(cursor: Cursor, path: string): Pick<GgufLayout, 'header' | 'version' | 'tensorCount' | 'keyCount'> {
  if (cursor.take(4).toString('latin1') !== 'GGUF') throw invalid(path);
  const version = cursor.u32();
  if (version < 2 || version > 3) throw invalid(path, `it has version ${version} of the format, and 2 and 3 are known`);
  const tensorCount = cursor.u64();
  const keyCount = cursor.u64();
  const header = new Map<string, GgufValue>();
  for (let index = 0; index < keyCount; index += 1) {
    const key = cursor.text();
    header.set(key, readValue(cursor, cursor.u32()));
  }
  return { header, version, tensorCount, keyCount };
}

/** The list of texts under a key; empty when there is none. */
export function textList(header: GgufHeader, key: string): readonly string[] {
  const value = header.get(key);
  return Array.isArray(value) ? value.map(String) : [];
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new ModelError({
      code: 'MODEL_FILE_MISSING',
      message: `The model file '${path}' cannot be opened: ${error instanceof Error ? error.message : String(error)}.`,
      hint: 'Give the path of a GGUF file.',
      cause: error,
    });
  }
}

function invalid(path: string, why = 'it does not begin with "GGUF"'): ModelError {
  return new ModelError({
    code: 'MODEL_FILE_INVALID',
    message: `'${path}' is not a GGUF model: ${why}.`,
    hint: 'Give the path of a GGUF file; other formats must be converted first.',
  });
}

const arrayType = 9;
const stringType = 8;

function readValue(cursor: Cursor, type: number): GgufValue {
  if (type !== arrayType) return readScalar(cursor, type);
  const itemType = cursor.u32();
  const length = cursor.u64();
  const items: (number | boolean | string)[] = [];
  for (let index = 0; index < length; index += 1) items.push(readScalar(cursor, itemType));
  return items;
}

function readScalar(cursor: Cursor, type: number): number | boolean | string {
  switch (type) {
    case 0:
      return cursor.take(1).readUInt8();
    case 1:
      return cursor.take(1).readInt8();
    case 2:
      return cursor.take(2).readUInt16LE();
    case 3:
      return cursor.take(2).readInt16LE();
    case 4:
      return cursor.u32();
    case 5:
      return cursor.take(4).readInt32LE();
    case 6:
      return cursor.take(4).readFloatLE();
    case 7:
      return cursor.take(1).readUInt8() !== 0;
    case stringType:
      return cursor.text();
    case 10:
      return cursor.u64();
    case 11:
      return Number(cursor.take(8).readBigInt64LE());
    case 12:
      return cursor.take(8).readDoubleLE();
    default:
      throw new RangeError(`unknown value type ${type}`);
  }
}

/** Reads a file from its start to its end through a window, so that gigabytes of weights are never touched. */
class Cursor {
  readonly #file: number;
  #window = Buffer.alloc(0);
  #at = 0;
  #filePosition = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** How many bytes were taken. */
  get position(): number {
    return this.#filePosition - (this.#window.length - this.#at);
  }

  /** @throws {RangeError} at the end of the file. */
  take(length: number): Buffer {
    if (this.#at + length > this.#window.length) this.#refill(length);
    this.#at += length;
    return this.#window.subarray(this.#at - length, this.#at);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  u64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  text(): string {
    return this.take(this.u64()).toString('utf8');
  }

  #refill(length: number): void {
    const rest = this.#window.subarray(this.#at);
    const fresh = Buffer.alloc(Math.max(length - rest.length, windowBytes));
    const read = readSync(this.#file, fresh, 0, fresh.length, this.#filePosition);
    this.#filePosition += read;
    this.#window = Buffer.concat([rest, fresh.subarray(0, read)]);
    this.#at = 0;
    if (this.#window.length < length) throw new RangeError('end of file');
  }
}

const windowBytes = 1 << 20;
