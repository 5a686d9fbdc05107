import { contentHash } from '@skillrl/core';

/** A number in [0, 1) that only depends on the key: the same key draws the same number, in any process, at any time. */
export function keyedDraw(...key: readonly (string | number)[]): number {
  return Number.parseInt(contentHash(key.join('\u0000')).slice(0, 12), 16) / 2 ** 48;
}
