import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import type { BankEntry } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { aLesson, seededRandom, temporaryFolder } from '@skillrl/testing';

const program = fileURLToPath(new URL('./embed-until-killed.ts', import.meta.url));

/** What became of a bank whose embedding was killed again and again, entries being added meanwhile. */
export interface KilledEmbedding {
  readonly kills: number;
  /** Embedders that came to serve, one after another. */
  readonly changes: number;
  /** Texts embedded by one embedder more than once, and the most that kills explain: a batch of 64 each. */
  readonly repeated: number;
  readonly explained: number;
  /** Jobs during or after which an embedder served that had no right to. */
  readonly early: number;
  /** Entries that were committed and are not there; texts of the finished embedders without a vector. */
  readonly lostEntries: number;
  readonly lostVectors: number;
  readonly integrity: unknown;
}

/** Kills the job some milliseconds after a batch began, so often; a job that ends before it is killed is followed by one to another embedder. */
export async function killEmbedding(rounds: number): Promise<KilledEmbedding> {
  const path = join(temporaryFolder(), 'bank.db');
  const random = seededRandom(4);
  const ids = new Set<string>();
  const add = async (count: number): Promise<void> => {
    const { entries, close } = sqlite({ path });
    const put: BankEntry[] = [];
    for (let number = 0; number < count; number += 1) {
      const id = `e${ids.size}`;
      ids.add(id);
      put.push(aLesson({ id, title: `Lesson ${id}` }));
    }
    await entries.commit({ namespace: 'default', reason: 'more', put });
    await close();
  };
  await add(1_000);
  const times = new Map<string, number>();
  let [kills, changes, early] = [0, 0, 0];
  let serving = 'none';
  while (kills < rounds) {
    const next = `e-${changes}`;
    const { killed, said } = await run(path, next, 1 + Math.floor(random() * 3), Math.floor(random() * 12), times);
    // While it embeds, the one before serves.
    if (said.some((one) => one !== serving)) early += 1;
    const { entries, close } = sqlite({ path });
    const now = (await entries.servingEmbedder('default')) ?? 'none';
    await close();
    if (killed && now === serving) kills += 1;
    else if (now === next) {
      changes += 1;
      if (killed) kills += 1;
      serving = now;
    } else early += 1;
    if (killed && kills % 3 === 0) await add(10);
  }
  return { kills, changes, early, ...(await verify(path, ids, times, kills, changes)) };
}

/** @returns whether it was killed before it ended, and which embedder served when each of its batches began. */
async function run(
  path: string,
  id: string,
  batches: number,
  afterMs: number,
  times: Map<string, number>,
): Promise<{ readonly killed: boolean; readonly said: readonly string[] }> {
  const child = spawn(process.execPath, [program, path, id], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    seen += chunk.split('\n').length - 1;
    if (seen >= batches) setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, killedBy) => resolve(killedBy)));
  const said: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [, serving = '', ...hashes] = line.split(' ');
    said.push(serving);
    for (const hash of hashes) times.set(`${id} ${hash}`, (times.get(`${id} ${hash}`) ?? 0) + 1);
  }
  return { killed: signal === 'SIGKILL', said };
}

async function verify(
  path: string,
  ids: ReadonlySet<string>,
  times: ReadonlyMap<string, number>,
  kills: number,
  changes: number,
): Promise<Pick<KilledEmbedding, 'repeated' | 'explained' | 'lostEntries' | 'lostVectors' | 'integrity'>> {
  const { entries, close } = sqlite({ path });
  const found = await (await entries.view('default')).getMany([...ids]);
  let lostVectors = 0;
  for (let change = 0; change < changes; change += 1) {
    const id = `e-${change}`;
    const hashes = [...times.keys()].filter((key) => key.startsWith(`${id} `)).map((key) => key.slice(id.length + 1));
    lostVectors += hashes.length - (await entries.cachedVectors(id, hashes)).size;
    // Those that were there from the beginning are the least it must have seen.
    if (hashes.length < 1_000) lostVectors += 1_000 - hashes.length;
  }
  await close();
  const raw = new DatabaseSync(path);
  const integrity = raw.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  raw.close();
  const repeated = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
  return { repeated, explained: 64 * kills, lostEntries: ids.size - found.size, lostVectors, integrity };
}
