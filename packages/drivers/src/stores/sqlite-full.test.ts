import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { sqlite } from './sqlite.ts';

const writer = fileURLToPath(new URL('./fixtures/write-until-full.ts', import.meta.url));

interface Written {
  readonly acknowledged: readonly string[];
  readonly errors: readonly { readonly code: string; readonly message: string; readonly hint?: string }[];
}

/** Writes in a process whose files may not grow beyond so many blocks of 512 bytes, which is how a full disk looks to it. */
async function writeUntilFull(path: string, blocks: number, together = 1): Promise<Written> {
  const limited = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const ended = promisify(execFile)('sh', ['-c', limited, process.execPath, writer, path, String(together)]);
  // The system may end the process when it closes its files and writes once more: what it said before counts.
  const { stdout } = await ended.catch((error: unknown) => error as { readonly stdout: string });
  return JSON.parse(stdout) as Written;
}

describe('sqlite where no more can be written', () => {
  it.each([1, 8])(
    'says so, keeps what was acknowledged and nothing of what was not, %i at a time',
    async (together) => {
      const path = join(temporaryFolder(), 'bank.db');
      const { acknowledged, errors } = await writeUntilFull(path, 4000, together);
      expect(acknowledged.length).toBeGreaterThan(0);
      // The whole group, as its one transaction failed.
      expect(errors).toHaveLength(together);
      for (const error of errors) {
        expect(error.code).toMatch(/STORE_DISK|STORE_FULL/);
        expect(error.hint).toMatch(/disk|space/);
      }
      const store = sqlite({ path });
      const episodes = await Array.fromAsync(store.episodes.episodes());
      expect(episodes.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
      expect(episodes.every(({ steps, end }) => steps.length === 3 && end === 'terminated')).toBe(true);
      await store.close();
    },
  );

  it('says so when there is no room for its tables', async () => {
    const { acknowledged, errors } = await writeUntilFull(join(temporaryFolder(), 'bank.db'), 8);
    expect(acknowledged).toEqual([]);
    expect(errors).toEqual([
      expect.objectContaining({ code: expect.stringMatching(/STORE_DISK|STORE_FULL/) as string }),
    ]);
  });
});
