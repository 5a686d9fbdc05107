import { readFileSync } from 'node:fs';

import type { Episode } from '@skillrl/core';

/** Episodes of a clumsy player in generated houses: 14 failures, 8 successes. The file says how they were made. */
export function houseEpisodes(): readonly Episode[] {
  const path = new URL('../fixtures/house-episodes.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { episodes: Episode[] }).episodes;
}

/** A seeded generator of numbers in [0, 1). Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pickOne<Item>(random: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
