/**
 * The names that players see, such as `cabinet 3`, of the entities a game's initial facts mention.
 *
 * The class is what stands before `_bar_` (plus `basin` when the id holds that word); within a class the numbers count down in the order
 * of the sorted ids. An id without `_bar_` is its own name with a blank after it, as in the reference.
 *
 * @returns one name an id. Source: alfworld/agents/utils/misc.py, class Demangler.
 */
export function entityNames(ids: Iterable<string>): Map<string, string> {
  const sorted = [...ids].sort();
  const left = new Map<string, number>();
  for (const id of sorted) {
    const name = className(id);
    if (name !== undefined) left.set(name, (left.get(name) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  for (const id of sorted) {
    const name = className(id);
    if (name === undefined) {
      names.set(id, `${unmangled(id)} `);
    } else {
      const number = left.get(name) ?? 0;
      left.set(name, number - 1);
      names.set(id, `${unmangled(name)} ${number}`);
    }
  }
  return names;
}

function className(id: string): string | undefined {
  const bar = id.indexOf('_bar_');
  if (bar < 0) return undefined;
  return id.includes('basin') ? `${id.slice(0, bar)}basin` : id.slice(0, bar);
}

function unmangled(id: string): string {
  if (!id.includes('_')) return id;
  return id.replaceAll('_minus_', '-').replaceAll('_plus_', '+').replaceAll('_dot_', '.').replaceAll('_comma_', ',');
}
