import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { contentHash } from '../../../packages/core/src/index.ts';
import { sqlite } from '../../../packages/drivers/src/index.ts';

const dimensions = 384;
const [writtenAtOnce, readAtOnce] = [4_096, 512];

/** Prints how long so many vectors by text hash take to read, beside a scan of the same rows in the order of the table. Processor time. */
export async function measureCachedVectors(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'skillrl-measure-'));
  const path = join(folder, 'bank.db');
  const { entries, close } = sqlite({ path });
  const hashes = Array.from({ length: count }, (_, number) => contentHash(String(number)));
  try {
    const write = await spent(async () => {
      for (let start = 0; start < count; start += writtenAtOnce) {
        const part = hashes.slice(start, start + writtenAtOnce);
        await entries.cacheVectors(
          'e',
          new Map(part.map((hash) => [hash, new Float32Array(dimensions).fill(start + 1)])),
        );
      }
    });
    const read = await best(async () => {
      for (let start = 0; start < count; start += readAtOnce) {
        await entries.cachedVectors('e', hashes.slice(start, start + readAtOnce));
      }
    });
    const scan = await best(() => {
      const raw = new DatabaseSync(path);
      for (const { numbers } of raw.prepare('SELECT numbers FROM vector').iterate()) {
        new Float32Array((numbers as Uint8Array<ArrayBuffer>).buffer);
      }
      raw.close();
    });
    console.log(`${count.toLocaleString('en')} vectors of ${dimensions} numbers`);
    console.log(`kept, ${writtenAtOnce} at once      ${write.toFixed(0)} ms`);
    console.log(`read by hash, ${readAtOnce} at once ${read.toFixed(0)} ms`);
    console.log(`read in one scan        ${scan.toFixed(0)} ms`);
  } finally {
    await close();
    rmSync(folder, { recursive: true });
  }
}

async function best(work: () => Promise<void> | void): Promise<number> {
  return Math.min(await spent(work), await spent(work), await spent(work));
}

async function spent(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
