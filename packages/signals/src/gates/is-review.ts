import { seededRandom } from '../statistics/random.ts';

/**
 * Whether a group is among the share that is trained on as review: the same for the same group and seed, however often and in whatever order groups
 * are judged.
 *
 * @param share - in [0, 1].
 */
export function isReview(groupId: string, share: number, seed: number): boolean {
  // FNV-1a of the id's characters, begun with the seed.
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < groupId.length; index += 1) {
    hash = Math.imul(hash ^ groupId.charCodeAt(index), 0x01000193) >>> 0;
  }
  return seededRandom(hash)() < share;
}
