import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createBrotliDecompress } from 'node:zlib';
import { atBoundary } from '@skillrl/core';
import { isLeftOut, type GameRecord } from './game-record.ts';
import { domainFile, gamesDamaged, grammarFile, readPackedGame, type PackedTexts } from './packed-game.ts';

/** The games of one packed split, see `packed-game.ts`. */
export interface PackedGames {
  readonly split: string;
  /** All games in file order; lines are read as they are asked for. */
  records(signal?: AbortSignal): AsyncGenerator<GameRecord>;
  /** One game; the file is read no further than to its line, and what was read stays at hand. */
  get(id: string): Promise<GameRecord | undefined>;
}

/**
 * Opens a packed split. Nothing is read before it is asked for. The lines read by `get` are kept in memory (train: 164 MB in all), those that
 * pass through `records` are not.
 */
export function packedGames(path: string): PackedGames {
  const split = basename(path).replace('.jsonl.br', '');
  let texts: Promise<PackedTexts> | undefined;
  const recordOf = async (line: Buffer) =>
    readPackedGame(line.toString('utf8'), await (texts ??= readTexts(dirname(path))), path);
  const known = new Map<string, Buffer>();
  let rest: AsyncGenerator<Buffer> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const find = async (id: string): Promise<Buffer | undefined> => {
    rest ??= lines(path);
    while (!known.has(id)) {
      const next = await rest.next();
      if (next.done === true) break;
      known.set(idOf(next.value) ?? '', next.value);
    }
    return known.get(id);
  };
  return {
    split,
    async *records(signal) {
      for await (const line of lines(path)) {
        signal?.throwIfAborted();
        const record = await recordOf(line);
        if (!isLeftOut(record.id)) yield record;
      }
    },
    async get(id) {
      const found = queue.then(() => find(id));
      queue = found.catch(() => undefined);
      const line = await found;
      return line === undefined ? undefined : recordOf(line);
    },
  };
}

async function readTexts(folder: string): Promise<PackedTexts> {
  const read = (name: string) =>
    atBoundary('file', `read ${name}, which packed games need beside them`, () => readFile(join(folder, name), 'utf8'));
  return { domain: await read(domainFile), grammar: await read(grammarFile) };
}

/** The id at the start of a line, without reading the rest of it as JSON. */
function idOf(line: Buffer): string | undefined {
  return /^\{"id":\s*"([^"]+)"/.exec(line.toString('utf8', 0, 400))?.[1];
}

async function* lines(path: string): AsyncGenerator<Buffer> {
  const stream = createBrotliDecompress({ chunkSize: 1 << 20 });
  // What fails on either side, or a reader who stops early, ends both; the loop below sees why.
  pipeline(createReadStream(path), stream, () => undefined);
  let pending: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        yield Buffer.concat([...pending, chunk.subarray(start, end)]);
        pending = [];
        start = end + 1;
      }
      if (start < chunk.length) pending.push(chunk.subarray(start));
    }
  } catch (error) {
    throw gamesDamaged(path, 'cannot be read to its end', error);
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}
