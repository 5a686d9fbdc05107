import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { atBoundary, FileError, InputError, NetworkError, noProgress, type Progress } from '@skillrl/core';
import { openGames, releaseArchive, releaseChecksums, type SplitChecksum, splitChecksum } from '@skillrl/environments';
import { Unzip, UnzipInflate } from 'fflate';

export interface FetchOptions {
  readonly folder: string;
  /** Default: the official release's archive. */
  readonly url?: string;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

export interface SplitCheck extends SplitChecksum {
  /** Whether the split holds exactly the official games. */
  readonly official: boolean;
}

/**
 * Downloads the official release, unpacks its game files, and checks every split. A download that broke off goes on where it stopped.
 *
 * @throws {NetworkError} when the server cannot be reached or refuses. @throws {InputError} `CHECKSUM_WRONG` when a split is not the official one.
 */
export async function fetchAlfworld({
  folder,
  url = releaseArchive,
  signal,
  progress = noProgress,
}: FetchOptions): Promise<readonly SplitCheck[]> {
  const archive = join(folder, 'alfworld-games.zip');
  await mkdir(folder, { recursive: true });
  await download(url, archive, progress, signal);
  await atBoundary('file', `unpack ${archive}`, () => unpack(archive, folder, progress, signal));
  const checks = await verifyAlfworld({ folder, progress });
  const wrong = checks.find((check) => !check.official);
  if (wrong !== undefined) {
    throw new InputError({
      code: 'CHECKSUM_WRONG',
      message: `The split ${wrong.split} holds ${wrong.games} games with checksum ${wrong.hash}, which are not the official ones.`,
      hint: `Remove ${folder} and fetch again, or check where ${url} comes from.`,
    });
  }
  await rm(archive, { force: true });
  return checks;
}

/** Compares every split that is there with the official release. @throws {EnvironmentError} `GAMES_MISSING` */
export async function verifyAlfworld({
  folder,
  progress = noProgress,
}: {
  readonly folder?: string;
  readonly progress?: Progress;
}): Promise<readonly SplitCheck[]> {
  const games = await openGames({ folder });
  const checks: SplitCheck[] = [];
  for (const split of games.splits) {
    progress({ type: 'notice', message: `checking ${split} …` });
    const found = await splitChecksum(split, games.records(split));
    const expected = releaseChecksums.find((each) => each.split === split);
    checks.push({ ...found, official: expected?.hash === found.hash && expected.games === found.games });
  }
  return checks;
}

async function download(url: string, target: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  const part = `${target}.part`;
  const have = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const response = await fetch(url, { headers: have > 0 ? { range: `bytes=${have}-` } : {}, signal }).catch(
    (cause: unknown) => {
      signal?.throwIfAborted();
      throw new NetworkError({
        code: 'DOWNLOAD_FAILED',
        message: `${new URL(url).host} cannot be reached from here.`,
        hint: `Get ${url} where a network allows it and unpack it into the folder, or play generated games, which need no data.`,
        retryable: true,
        cause,
      });
    },
  );
  if (response.status === 416) return rename(part, target);
  if (!response.ok || response.body === null) {
    throw new NetworkError({
      code: 'DOWNLOAD_FAILED',
      message: `${url} answered ${response.status} ${response.statusText}.`,
      hint: 'Try again later, or get the archive by hand.',
      retryable: response.status >= 500,
    });
  }
  const resumes = response.status === 206;
  let done = resumes ? have : 0;
  const total = Number(response.headers.get('content-length') ?? 0) + done || undefined;
  const startedAt = Date.now();
  progress({ type: 'stage-start', stage: 'download', total, unit: 'bytes' });
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      done += chunk.length;
      progress({ type: 'stage-advance', stage: 'download', done, total });
      yield chunk;
    }
  };
  await atBoundary('network', `download ${url}`, () =>
    pipeline(
      Readable.fromWeb(response.body as never),
      counted,
      createWriteStream(part, { flags: resumes ? 'a' : 'w' }),
      { signal },
    ),
  );
  progress({ type: 'stage-end', stage: 'download', done, durationMs: Date.now() - startedAt });
  await rename(part, target);
}

/** Unpacks the game files alone, each to `json_2.1.1/SPLIT/TASK/TRIAL/game.tw-pddl`. */
async function unpack(archive: string, folder: string, progress: Progress, signal?: AbortSignal): Promise<void> {
  const writes: Promise<void>[] = [];
  let broken: unknown;
  let files = 0;
  const startedAt = Date.now();
  progress({ type: 'stage-start', stage: 'unpack', unit: 'files' });
  const unzip = new Unzip((file) => {
    const path = /json_2\.1\.\d\/(.*\/game\.tw-pddl)$/.exec(file.name)?.[1];
    if (path === undefined || path.split('/').includes('..')) return;
    const chunks: Uint8Array[] = [];
    file.ondata = (error, chunk, final) => {
      if (error) broken = error;
      chunks.push(chunk);
      if (!final) return;
      files += 1;
      progress({ type: 'stage-advance', stage: 'unpack', done: files });
      writes.push(writeWhole(join(folder, 'json_2.1.1', path), Buffer.concat(chunks)));
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for await (const chunk of createReadStream(archive, { highWaterMark: 1 << 20, signal })) {
    unzip.push(chunk as Uint8Array);
    await Promise.all(writes.splice(0));
  }
  unzip.push(new Uint8Array(0), true);
  await Promise.all(writes);
  if (broken !== undefined) throw broken;
  if (files === 0)
    throw new FileError({
      code: 'ARCHIVE_EMPTY',
      message: `${archive} holds no game files.`,
      hint: 'Remove it and fetch again.',
    });
  progress({ type: 'stage-end', stage: 'unpack', done: files, durationMs: Date.now() - startedAt });
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from([bytes]), createWriteStream(path));
}
