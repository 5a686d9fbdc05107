import type { Episode } from '@skillrl/core';

import recorded from '../src/fixtures/house-episodes.json' with { type: 'json' };

/** Episodes of a clumsy player in generated houses: 14 failures, 8 successes. The file says how they were made. */
export function houseEpisodes(): readonly Episode[] {
  return recorded.episodes as unknown as Episode[];
}

export function pickOne<Item>(random: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
