import { readFileSync } from 'node:fs';

import type { Episode } from '@skillrl/core';

/** Episodes of a clumsy player in generated houses: 14 failures, 8 successes. The file says how they were made. */
export function houseEpisodes(): readonly Episode[] {
  const path = new URL('../fixtures/house-episodes.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { episodes: Episode[] }).episodes;
}

export function pickOne<Item>(random: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
