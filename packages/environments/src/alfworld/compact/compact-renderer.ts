import type { BankEntry } from '@skillrl/core';

import { renderEntries } from './render-entries.ts';

/** The lines the compact policy was trained on; an entry that has none of these forms is left out: the policy could not read it. */
export function compactLines(entries: readonly BankEntry[]): string[] {
  return renderEntries(entries).filter((line) => !line.startsWith('note '));
}

/** How entries look in the compact policy's prompt, for whoever packs them into a budget. */
export const compactRenderer = {
  name: 'compact-1',
  render: (entries: readonly BankEntry[]): string => compactLines(entries).join('\n'),
  /** Words and line ends, about the number of tokens: the closed language has one token a word. */
  countTokens: (text: string): number => text.match(/[^ \n]+|\n/g)?.length ?? 0,
};
