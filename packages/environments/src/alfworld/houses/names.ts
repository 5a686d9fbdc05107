/**
 * PDDL identifiers for printed names.
 *
 * The engine prints `KIND NUMBER`, where KIND is what stands before `_bar_` and the numbers count down through a kind's sorted identifiers; so
 * the last number gets the first identifier. It appends `basin` when the identifier holds that word: `sinkbasin 1` is a `sink` with one.
 *
 * @param names - every receptacle and item of a game: `cabinet 3`, `mug 1`.
 * @returns identifier by name.
 */
export function identifiers(names: readonly string[]): ReadonlyMap<string, string> {
  const byKind = Map.groupBy(names, (name) => name.split(' ')[0] ?? name);
  const entries = [...byKind].flatMap(([kind, alike]) =>
    alike.map((name) => [name, identifier(kind, alike.length - numberOf(name) + 1)] as const),
  );
  return new Map(entries);
}

function identifier(kind: string, rank: number): string {
  const position = String(rank).padStart(2, '0');
  const [stem, basin] = kind.split(/(basin)$/);
  return basin ? `${stem}_bar_${position}_bar_${basin}` : `${kind}_bar_${position}`;
}

function numberOf(name: string): number {
  return Number(name.split(' ')[1]);
}
