/**
 * The cycles of a directed graph: one list of nodes per group that can reach itself, each a walk that comes back to its
 * first node.
 *
 * @param {ReadonlyMap<string, Iterable<string>>} graph - from a node to those it points to.
 * @returns {readonly (readonly string[])[]} the first and last node of a list are the same; shortest walk of its group.
 */
export function findCycles(graph) {
  return strongGroups(graph).flatMap((group) => {
    const inside = new Set(group);
    const start = [...group].sort()[0] ?? '';
    const walk = shortestWalkBack(graph, inside, start);
    return walk ? [walk] : [];
  });
}

/**
 * Tarjan's algorithm: groups of nodes that reach each other.
 *
 * Source: Tarjan 1972, "Depth-first search and linear graph algorithms".
 *
 * @param {ReadonlyMap<string, Iterable<string>>} graph
 */
function strongGroups(graph) {
  /** @type {string[][]} */
  const groups = [];
  /** @type {string[]} */
  const stack = [];
  /** @type {Map<string, number>} */
  const order = new Map();
  /** @type {Map<string, number>} */
  const lowest = new Map();
  const onStack = new Set();

  const visit = (/** @type {string} */ node) => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (onStack.has(next)) lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.lastIndexOf(node));
    for (const member of group) onStack.delete(member);
    groups.push(group);
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return groups;
}

/**
 * @param {ReadonlyMap<string, Iterable<string>>} graph
 * @param {ReadonlySet<string>} inside
 * @param {string} start
 * @returns {readonly string[] | undefined} `undefined` when `start` does not reach itself.
 */
function shortestWalkBack(graph, inside, start) {
  let walks = [[start]];
  const seen = new Set();
  while (walks.length > 0) {
    /** @type {string[][]} */
    const longer = [];
    for (const walk of walks) {
      for (const next of graph.get(walk.at(-1) ?? '') ?? []) {
        if (next === start) return [...walk, start];
        if (!inside.has(next) || seen.has(next)) continue;
        seen.add(next);
        longer.push([...walk, next]);
      }
    }
    walks = longer;
  }
  return undefined;
}
