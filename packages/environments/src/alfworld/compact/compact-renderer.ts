import type { BankEntry } from '@skillrl/core';

import { renderEntries } from './render-entries.ts';

/**
 * What the compact policy gains from: facts, orders, meanings and warnings. Prose (`note …`) it cannot read. Whole earlier successes
 * (`earlier …`) it can, but they crowd out the facts that say the same in a fifth of the tokens and make it play worse
 * (docs/benchmarks/main-job.md, the arms). An entry that leaves no line is not shown.
 */
export function compactLines(entries: readonly BankEntry[]): string[] {
  return renderEntries(entries).filter((line) => !/^(note|earlier) /.test(line));
}

/** How entries look in the compact policy's prompt, for whoever packs them into a budget. */
export const compactRenderer = {
  name: 'compact-2',
  render: (entries: readonly BankEntry[]): string => compactLines(entries).join('\n'),
  /** Words and line ends, about the number of tokens: the closed language has one token a word. */
  countTokens: (text: string): number => text.match(/[^ \n]+|\n/g)?.length ?? 0,
};
