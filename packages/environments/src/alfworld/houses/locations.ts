import type { Receptacle } from './house.ts';
import type { Random } from './random.ts';

// How often one shares the location of the previous of its kind: drawers stacked, burners side by side. From 108 official rooms.
const besidePrevious: Readonly<Record<string, number>> = { stoveburner: 0.5, drawer: 0.14, cabinet: 0.09, shelf: 0.07 };
// How often one shares the location of another kind: a toaster stands at a countertop.
const besideOther: Readonly<Record<string, readonly [kind: string, probability: number]>> = {
  toaster: ['countertop', 0.3],
  coffeemachine: ['countertop', 0.22],
  garbagecan: ['cabinet', 0.05],
};

/**
 * Names the receptacles of a room and gives each a location.
 *
 * @param counts - how many of each kind.
 */
export function locate(random: Random, counts: ReadonlyMap<string, number>): Receptacle[] {
  const receptacles: Receptacle[] = [];
  let locations = 0;
  // Kinds that stand beside another come last, when the other has its location.
  const kinds = [...counts].sort(([one], [two]) => Number(one in besideOther) - Number(two in besideOther));
  for (const [kind, count] of kinds) {
    for (let number = 1; number <= count; number += 1) {
      const shared = neighbour(random, receptacles, kind);
      receptacles.push({ name: `${kind} ${number}`, kind, location: shared ?? locations++ });
    }
  }
  return receptacles;
}

function neighbour(random: Random, placed: readonly Receptacle[], kind: string): number | undefined {
  const previous = placed.at(-1);
  const isAlone = previous && placed.every((other) => other === previous || other.location !== previous.location);
  if (previous?.kind === kind && isAlone && random.chance(besidePrevious[kind] ?? 0)) return previous.location;

  const [otherKind, probability] = besideOther[kind] ?? ['', 0];
  const others = placed.filter((other) => other.kind === otherKind);
  return others.length > 0 && random.chance(probability) ? random.pick(others).location : undefined;
}
