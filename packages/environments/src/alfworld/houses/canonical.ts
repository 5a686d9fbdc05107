import { contentHash } from '@skillrl/core';

import type { Receptacle } from './house.ts';
import type { HouseTask } from './tasks.ts';
import type { World } from './world.ts';

/**
 * SHA-256 of a layout: which kinds of receptacle stand together at a location, whatever their numbers and order. Houses of equal layout may
 * differ in habits and rules.
 */
export function layoutHash(receptacles: readonly Receptacle[]): string {
  return contentHash(canonicalLayout(receptacles, ({ kind }) => kind));
}

/**
 * SHA-256 of a game: layout, placements and task, whatever the names of things. Two games are equal under some renaming of receptacles, items
 * and locations exactly when their hashes are equal: a room is a tree (locations, receptacles, items), so sorting decides. The wording of the
 * task and the house's rules are left out, so that a game told in other words counts as the same game.
 */
export function gameHash(world: World, task: HouseTask): string {
  const layout = canonicalLayout(world.receptacles, ({ name, kind }) => {
    const items = world.items.filter(({ receptacle }) => receptacle === name).map((item) => item.kind);
    return `${kind}(${items.sort().join(' ')})`;
  });
  return contentHash(`${task.type} ${task.item} ${task.target}\n${layout}`);
}

function canonicalLayout(receptacles: readonly Receptacle[], describe: (receptacle: Receptacle) => string): string {
  const locations = Map.groupBy(receptacles, ({ location }) => location);
  return [...locations.values()]
    .map((together) => together.map(describe).sort().join('+'))
    .sort()
    .join('\n');
}
