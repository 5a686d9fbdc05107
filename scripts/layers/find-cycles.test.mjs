import { describe, expect, it } from 'vitest';
import { findCycles } from './find-cycles.mjs';

describe('findCycles', () => {
  it('finds none in an acyclic graph, however its walks meet again', () => {
    expect(findCycles(graph({ a: 'bc', b: 'd', c: 'd', d: '' }))).toEqual([]);
  });

  it('finds a node that points to itself', () => {
    expect(findCycles(graph({ a: 'a' }))).toEqual([['a', 'a']]);
  });

  it('gives one shortest walk for each group that reaches itself', () => {
    const cycles = findCycles(graph({ a: 'b', b: 'cd', c: 'a', d: 'c', x: 'y', y: 'x', z: 'x' }));
    expect(cycles.map((cycle) => cycle.join('')).sort()).toEqual(['abca', 'xyx']);
  });
});

/** @param {Record<string, string>} edges */
function graph(edges) {
  return new Map(Object.entries(edges).map(([node, targets]) => [node, targets.split('')]));
}
