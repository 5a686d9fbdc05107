import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createBrotliDecompress } from 'node:zlib';
import { atBoundary, FileError } from '@skillrl/core';
import type { GameFile } from '../engine/index.ts';
import { isLeftOut, readGameId, type GameRecord } from './game-record.ts';

/** The games of one `SPLIT.jsonl.br`: a line a game, `{id, task, walkthrough, pddl}`, with domain and grammar in files beside it. */
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
  let texts: Promise<Texts> | undefined;
  const recordOf = async (line: Buffer) => toRecord(path, line, await (texts ??= readTexts(dirname(path))));
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

interface Texts {
  readonly domain: string;
  readonly grammar: string;
}

async function readTexts(folder: string): Promise<Texts> {
  const read = (name: string) =>
    atBoundary('file', `read ${name}, which packed games need beside them`, () => readFile(join(folder, name), 'utf8'));
  return { domain: await read('domain_2.1.2.pddl'), grammar: await read('grammar_2.1.2_example.twl2') };
}

/** The id at the start of a line, without reading the rest of it as JSON. */
function idOf(line: Buffer): string | undefined {
  return /^\{"id":\s*"([^"]+)"/.exec(line.toString('utf8', 0, 400))?.[1];
}

function toRecord(path: string, line: Buffer, texts: Texts): GameRecord {
  let packed: { id?: unknown; task?: unknown; walkthrough?: unknown; pddl?: unknown };
  try {
    packed = JSON.parse(line.toString('utf8')) as typeof packed;
  } catch (error) {
    throw damaged(path, 'has a line that is not JSON', error);
  }
  const { id, task, walkthrough, pddl } = packed;
  if (typeof id !== 'string' || typeof task !== 'string' || typeof pddl !== 'string')
    throw damaged(path, 'has a line without id, task or pddl');
  const file: GameFile = {
    pddl_domain: texts.domain,
    grammar: texts.grammar.replace(/Your task is to: [^"]*"/, () => `Your task is to: ${task}"`),
    pddl_problem: pddl,
    solvable: true,
    walkthrough: Array.isArray(walkthrough) ? walkthrough.map(String) : [],
  };
  return { ...readGameId(id), goal: task, file };
}

async function* lines(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path).pipe(createBrotliDecompress({ chunkSize: 1 << 20 }));
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
    throw damaged(path, 'cannot be read to its end', error);
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

function damaged(path: string, what: string, cause?: unknown): FileError {
  return new FileError({
    code: 'GAMES_DAMAGED',
    message: `${path} ${what}.`,
    hint: 'Get the file again, or check it with "skillrl data verify alfworld".',
    cause,
  });
}
