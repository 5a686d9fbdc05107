import { contentHash } from '@skillrl/core';

/**
 * A 32-bit seed from what it is for, so that neither the order nor the number of parallel runs changes a draw.
 *
 * @param key - the parts that name the draw: `[suite, task, sample]`.
 */
export function keyedSeed(key: readonly (string | number)[]): number {
  return Number.parseInt(contentHash(JSON.stringify(key)).slice(0, 8), 16);
}
