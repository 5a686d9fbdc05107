import type { Habit, Receptacle } from './house.ts';
import { itemKind } from './kinds.ts';
import type { Random } from './random.ts';
import type { Scene, SceneItem, Weighted } from './scenes/scene.ts';

/**
 * Probability that a portable item stands at its kind's habitual receptacle; each item of a kind is drawn on its own. Where the room has no
 * other fitting receptacle, and for fixtures (lamps, plants), it is 1.
 */
export const habitStrength = 0.8;

/** The habits of a room: which kinds of item it has, and where each belongs. */
export function habitsOf(random: Random, scene: Scene, receptacles: readonly Receptacle[]): Habit[] {
  return scene.items.flatMap((item) => {
    const places = placesOf(item, receptacles);
    const isPresent = random.chance(item.presence);
    if (!isPresent || places.length === 0) return [];

    const receptacle = random.draw(places);
    const isPortable = itemKind(item.kind).portable;
    return [
      {
        item: item.kind,
        receptacle,
        count: isPortable ? item.count : [[1, 1] as const],
        elsewhere: isPortable ? places.filter(([name]) => name !== receptacle) : [],
      },
    ];
  });
}

// The weight of a kind of receptacle is shared by the room's receptacles of that kind.
function placesOf(item: SceneItem, receptacles: readonly Receptacle[]): Weighted<string> {
  return item.places.flatMap(([kind, weight]) => {
    const alike = receptacles.filter((receptacle) => receptacle.kind === kind);
    return alike.map((receptacle) => [receptacle.name, weight / alike.length] as const);
  });
}
