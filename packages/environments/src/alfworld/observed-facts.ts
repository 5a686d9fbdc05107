import type { Fact } from '@skillrl/core';

/**
 * What an observation says about where things are, from its text alone: `On the cabinet 3, you see a mug 1.` → mug 1 · in · cabinet 3.
 * The relation is `in` for surfaces too: what matters is where to go.
 */
export function observedFacts(observation: string): Fact[] {
  return [...observation.matchAll(/(?:On the ([\w ]+?)|The ([\w ]+?) is open\. In it), you see ([^.]*)\./g)].flatMap(
    ([, surface, container, list = '']) =>
      [...list.matchAll(/\ba ([a-z]+ \d+)/g)].map(([, subject = '']) => ({
        subject,
        relation: 'in',
        object: (surface ?? container ?? '').trim(),
      })),
  );
}
