import { createReadStream } from 'node:fs';

import { readGgufLayout } from '../models/llama-cpp/gguf-header.ts';

/**
 * The content of a GGUF file with further texts in its header; weights and other keys stay as they are, byte by byte. Runtimes ignore keys
 * that they do not know, and Ollama shows them again: so a version carries its own record, and a server needs none beside it.
 *
 * Source: the specification in ggml, docs/gguf.md.
 *
 * @param facts - by keys that the file does not have.
 * @throws {ModelError} `MODEL_FILE_INVALID`
 */
export async function* ggufWithFacts(path: string, facts: Readonly<Record<string, string>>): AsyncGenerator<Buffer> {
  const { version, tensorCount, keyCount, keysEnd, tensorsEnd, dataStart, alignment } = readGgufLayout(path);
  const added = Buffer.concat(
    Object.entries(facts).flatMap(([key, value]) => [text(key), u32(stringType), text(value)]),
  );
  const counts = [u64(tensorCount), u64(keyCount + Object.keys(facts).length)];
  yield Buffer.concat([Buffer.from('GGUF'), u32(version), ...counts]);
  yield* part(path, headBytes, keysEnd);
  yield added;
  yield* part(path, keysEnd, tensorsEnd);
  const length = tensorsEnd + added.length;
  yield Buffer.alloc((alignment - (length % alignment)) % alignment);
  yield* part(path, dataStart, Infinity);
}

/** Magic, version and the two counts. */
const headBytes = 24;
const stringType = 8;

async function* part(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  if (end > start) yield* createReadStream(path, { start, end: end - 1 }) as AsyncIterable<Buffer>;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
