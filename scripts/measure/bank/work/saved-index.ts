import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { openEntryIndex } from '../../../../packages/memory/src/index.ts';
import { processorMs } from '../per-query.ts';
import { namespace, openBank } from './bank.ts';

export interface SavedIndexInput {
  readonly folder: string;
}

/** Processor time, ms, but for `heldMs`. */
export interface SavedIndexResult {
  readonly saveMs: number;
  /** How long the loop of events stood still at the longest meanwhile, by the clock. */
  readonly heldMs: number;
  readonly loadMs: number;
  /** To read the same files and sum them up: the floor of loading. */
  readonly floorMs: number;
  readonly megabytes: number;
}

/** Loads the index that was saved, and saves it once more. */
export async function work({ folder }: SavedIndexInput): Promise<SavedIndexResult> {
  const bank = openBank(folder);
  const revision = await bank.store.entries.revision();
  const before = process.cpuUsage();
  const index = await openEntryIndex(bank.ports, { namespace, revision });
  const { user, system } = process.cpuUsage(before);
  if (index.unsaved > 0) throw new Error('The saved index was not used.');
  const longest = longestTurn();
  const saveMs = await processorMs(() => index.save());
  const heldMs = longest.stop();
  await index.close();
  await bank.close();
  const parts = readdirSync(join(folder, 'indexes')).map((name) => join(folder, 'indexes', name));
  let bytes = 0;
  const floorMs = await processorMs(() => {
    for (const part of parts) {
      const content = readFileSync(part);
      bytes += content.byteLength;
      crc32(content);
    }
  });
  return { saveMs, heldMs, loadMs: (user + system) / 1000, floorMs, megabytes: bytes / 1e6 };
}

function longestTurn(): { stop(): number } {
  let before = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - before - 1);
    before = now;
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(longest, performance.now() - before - 1);
    },
  };
}
