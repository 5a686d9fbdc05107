import { temporaryFolder } from '@skillrl/testing';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { sqlite } from './sqlite.ts';

const rounds = 6;
const writer = fileURLToPath(new URL('./fixtures/write-until-killed.ts', import.meta.url));

describe('sqlite', () => {
  it(`loses no acknowledged write and keeps no half of one when its process is killed, ${rounds} times`, async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const acknowledged: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const said = await writeAndKill(path, `r${round}`, 30 + 25 * round);
      expect(said.length).toBeGreaterThan(0);
      acknowledged.push(...said);
      await verify(path, acknowledged);
    }
  }, 60_000);
});

/** What a writing process acknowledged from its first word until it was killed some milliseconds later. */
async function writeAndKill(path: string, name: string, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, path, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let timer: Promise<unknown> | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    timer ??= delay(afterMs).then(() => child.kill('SIGKILL'));
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, killedBy) => resolve(killedBy)));
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut off.
  return text.split('\n').slice(0, -1);
}

async function verify(path: string, acknowledged: readonly string[]): Promise<void> {
  const store = sqlite({ path });
  const { episodes, entries } = store;
  const view = await entries.view('default');
  for (const line of acknowledged) {
    const [what, id] = line.split(' ') as [string, string];
    if (what === 'episode') expect((await episodes.episode(id))?.outcome?.status).toBe('success');
    else if (what === 'vector') expect((await entries.cachedVectors('e', [id])).size).toBe(1);
    else expect([await view.get(`${id}/a`), await view.get(`${id}/b`)]).not.toContain(undefined);
  }
  for await (const episode of episodes.episodes()) {
    // Its second append holds nine events: all of them or none.
    expect([0, 3]).toContain(episode.steps.length);
  }
  expect(await view.count()).toBe(2 * view.revision);
  await store.close();

  const raw = new DatabaseSync(path);
  expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const seqs = raw
    .prepare('SELECT seq FROM event UNION ALL SELECT seq FROM entry UNION ALL SELECT seq FROM vector')
    .all();
  const latest = raw.prepare('SELECT seq FROM state').get();
  raw.close();
  // One number a write, none twice and none left out.
  expect(new Set(seqs.map((row) => row['seq'])).size).toBe(seqs.length);
  expect(latest).toEqual({ seq: seqs.length });
}
