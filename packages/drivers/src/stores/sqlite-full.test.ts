import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { sqlite } from './sqlite.ts';

const writer = fileURLToPath(new URL('./fixtures/write-until-full.ts', import.meta.url));

/** Writes in a process whose files may not grow beyond so many blocks of 512 bytes, which is how a full disk looks to it. */
async function writeUntilFull(
  path: string,
  blocks: number,
): Promise<{ acknowledged: number; error: { code: string; message: string; hint?: string } }> {
  const limited = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const ended = promisify(execFile)('sh', ['-c', limited, process.execPath, writer, path]);
  // The system may end the process when it closes its files and writes once more: what it said before counts.
  const { stdout } = await ended.catch((error: unknown) => error as { readonly stdout: string });
  return JSON.parse(stdout) as Awaited<ReturnType<typeof writeUntilFull>>;
}

describe('sqlite where no more can be written', () => {
  it('says so, keeps what was acknowledged and nothing of what was not', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const { acknowledged, error } = await writeUntilFull(path, 1000);
    expect(acknowledged).toBeGreaterThan(0);
    expect(error.code).toMatch(/STORE_DISK|STORE_FULL/);
    expect(error.hint).toMatch(/disk|space/);
    const store = sqlite({ path });
    const episodes = await Array.fromAsync(store.episodes.episodes());
    expect(episodes.map(({ id }) => id).toSorted()).toEqual(
      Array.from({ length: acknowledged }, (_, number) => `e${number}`).toSorted(),
    );
    await store.close();
  });

  it('says so when there is no room for its tables', async () => {
    const { acknowledged, error } = await writeUntilFull(join(temporaryFolder(), 'bank.db'), 8);
    expect(acknowledged).toBe(0);
    expect(error).toMatchObject({ code: expect.stringMatching(/STORE_DISK|STORE_FULL/) as string });
  });
});
