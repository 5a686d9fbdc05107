import type { Fact } from '@skillrl/core';

/**
 * What an observation says about where things are, from its text alone: `On the cabinet 3, you see a mug 1.` → mug 1 · in · cabinet 3.
 * The relation is `in` for surfaces too, as in the game's own predicate: what matters is where to go.
 */
export function observedFacts(observation: string): Fact[] {
  const seen = [...observation.matchAll(contents)].flatMap(([, surface, container, list = '']) =>
    [...list.matchAll(item)].map(([, subject = '']) => fact(subject, surface ?? container)),
  );
  const [, moved, put, place] = setDown.exec(observation) ?? [];
  return place === undefined ? seen : [...seen, fact(moved ?? put, place)];
}

const contents = /(?:On the ([\w ]+?)|The ([\w ]+?) is open\. In it), you see ([^.]*)\./g;
const item = /\ban? ([a-z]+ \d+)/g;
const setDown = /^You (?:move the ([\w ]+) to|put the ([\w ]+) in\/on) the ([\w ]+)\.$/;

function fact(subject = '', object = ''): Fact {
  return { subject, relation: 'in', object };
}
