import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.mjs';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const noProcess = 2 ** 30;

describe('withLock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = () =>
      withLock(
        path,
        async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 20));
          inside -= 1;
        },
        { pollMs: 5 },
      );
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('takes over from a process that died, once, when several notice it', async () => {
    writeFileSync(path, JSON.stringify({ pid: noProcess, host: hostname() }));
    let inside = 0;
    let most = 0;
    const work = () =>
      withLock(
        path,
        async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 10));
          inside -= 1;
        },
        { pollMs: 5 },
      );
    await Promise.all([work(), work(), work()]);
    expect(most).toBe(1);
  });

  it('waits for the tool of a bootstrap that was killed, and says for whom', async () => {
    writeFileSync(path, JSON.stringify({ pid: noProcess, child: process.pid, host: hostname() }));
    /** @type {number[]} */
    const waitedFor = [];
    const gaveUp = AbortSignal.timeout(50);
    const waiting = withLock(path, async () => 'entered', {
      pollMs: 5,
      signal: gaveUp,
      onWait: ({ pid }) => waitedFor.push(pid),
    });
    await expect(waiting).rejects.toThrow(/abort/i);
    expect(waitedFor).toEqual([noProcess]);
  });

  it('takes over from a holder on another machine that has been silent for half a minute', async () => {
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'another' }));
    const longAgo = new Date(Date.now() - 40_000);
    utimesSync(path, longAgo, longAgo);
    expect(await withLock(path, async () => 'entered', { pollMs: 5 })).toBe('entered');
  });

  it('is free again after work that fails', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });
});
