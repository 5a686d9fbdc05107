import { createHash } from 'node:crypto';

import type { GameRecord } from './load/index.ts';

/** Where the game files of the official release are: one archive, which alone is enough to play. */
export const releaseArchive = 'https://github.com/alfworld/alfworld/releases/download/0.4.2/json_2.1.3_tw-pddl.zip';

export interface SplitChecksum {
  readonly split: string;
  readonly games: number;
  /** SHA-256, see `splitChecksum`. */
  readonly hash: string;
}

/**
 * What the official splits hold. The problems of releases 2.1.1, 2.1.2 and 2.1.3 are the same, so one table serves them all.
 * Made by `npm run --silent skillrl -- data verify alfworld --json` over the packed splits of the project's test data.
 */
export const releaseChecksums: readonly SplitChecksum[] = [
  { split: 'train', games: 3_553, hash: '918651112c31c3a0687d33fbcf46de28107964d3fece6e30e63cebe4dbd78d02' },
  { split: 'valid_train', games: 200, hash: 'c7cd73ac3386325338a90a057286830d527ec4c8fa18f1b48f3893f15117d8a9' },
  { split: 'valid_seen', games: 140, hash: '1aabf77dd4ef77fde422cb089f356042a7ff0acf87b3a60567f516d37231ed36' },
  { split: 'valid_unseen', games: 134, hash: '1533f90330b4ef69d96d16674a26670cbfc81887f1a875bd43e6045ed15c20cf' },
];

/**
 * Checksum of a split that does not depend on the archive, the order of files, or white space: SHA-256 over the lines
 * `id <tab> SHA-256 of the problem with white space collapsed`, sorted.
 */
export async function splitChecksum(split: string, records: AsyncIterable<GameRecord>): Promise<SplitChecksum> {
  const lines: string[] = [];
  for await (const { id, file } of records)
    lines.push(`${id}\t${sha256(file.pddl_problem.replaceAll(/\s+/g, ' ').trim())}`);
  return { split, games: lines.length, hash: sha256(lines.toSorted().join('\n')) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
