import { existsSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';

/**
 * What the disks that an install writes to still have: the checkout's and the home folder's, where the package cache is.
 *
 * @param {string} root
 */
export function writtenDisks(root) {
  return [root, homedir()]
    .filter((folder) => existsSync(folder))
    .map((folder) => {
      const { bavail, bsize } = statfsSync(folder);
      return { folder, freeMegabytes: Math.floor((bavail * bsize) / 1_000_000) };
    });
}
