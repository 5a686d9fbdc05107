import type { Procedure } from '@skillrl/core';

import type { WordEvidence } from '../made-up-words.ts';

/**
 * What the words of one family mean, from all that its episodes tell: what every success allows and no failure rules out, and then what is
 * left when another word is known to mean the rest (words of one family differ in meaning). Words that stay open are left out: a wrong meaning does more
 * harm than none.
 */
export function wordMeanings(evidence: readonly WordEvidence[]): Procedure[] {
  const plain = new Set(evidence.filter(({ isPlain }) => isPlain).map(({ word }) => word));
  const universe = new Set(evidence.flatMap(({ oneOf = [], noneOf }) => [...oneOf, ...noneOf]));
  const possible = new Map<string, Set<string>>();
  for (const [word, told] of Map.groupBy(evidence, (item) => item.word))
    possible.set(word, meaningsLeft(told, universe));

  for (let isOpen = true; isOpen;) {
    isOpen = false;
    for (const [word, meanings] of possible) {
      if (meanings.size !== 1) continue;
      const [known] = meanings;
      for (const [other, rest] of possible) {
        if (other !== word && rest.size > 1 && rest.delete(known!)) isOpen = true;
      }
    }
  }
  return [...possible]
    .filter(([word, meanings]) => meanings.size === 1 && !plain.has(word))
    .map(([name, meanings]): Procedure => ({ name, means: [...meanings][0]! }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function meaningsLeft(told: readonly WordEvidence[], universe: ReadonlySet<string>): Set<string> {
  const refuted = new Set(told.flatMap(({ noneOf }) => noneOf));
  const shown = told.flatMap(({ oneOf }) => (oneOf === undefined ? [] : [new Set(oneOf)]));
  const allowed =
    shown.length === 0
      ? universe
      : shown.reduce((all, next) => new Set([...all].filter((meaning) => next.has(meaning))));
  const left = new Set([...allowed].filter((meaning) => !refuted.has(meaning)));
  // Without a success, what is left counts only when trying has ruled out the others: two failures and one way left.
  return shown.length > 0 || refuted.size > 1 ? left : new Set();
}
