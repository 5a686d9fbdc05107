import type { BankEntry } from '@skillrl/core';
import { guidanceFromEntry } from '../expert/guidance.ts';
import type { Guidance } from '../expert/guidance.ts';

/**
 * Bank entries as the lines that the small policy was trained on, in the order given:
 * `fact mug 1 in cabinet 3` · `find mug : countertop shelf` · `verb dax : heat with microwave` · `avoid heat mug 1 with microwave 1 : heat
 * mug 1 with microwave 2` · `earlier put a mug in desk : go to desk 1 ; take …`. An entry that has none of these forms becomes `note …`,
 * which the policy never saw in training (kept so, to measure what an unknown form does).
 *
 * @param options.earlier - how many entries, best first, show their whole earlier success beside their short forms. Default 1: its facts say
 * as much in a fifth of the tokens, and more than one such line was rare in training.
 */
export function renderEntries(entries: readonly BankEntry[], options: { readonly earlier?: number } = {}): string[] {
  let left = options.earlier ?? 1;
  const guidance = entries.map(guidanceFromEntry).map((entry) => {
    if (entry.earlier === undefined) return entry;
    left -= 1;
    return left >= 0 ? entry : { ...entry, earlier: undefined };
  });
  return renderGuidance(guidance);
}

/** The same, for what entries say rather than entries. One fact, order, procedure or warning a line; equal lines once. */
export function renderGuidance(guidance: readonly Guidance[]): string[] {
  const lines = new Set<string>();
  for (const entry of guidance) for (const line of linesOf(entry)) lines.add(plain(line));
  return [...lines];
}

function linesOf(entry: Guidance): string[] {
  return [
    ...(entry.facts ?? []).map(({ subject, relation, object }) => `fact ${subject} ${relation} ${object}`),
    ...(entry.order ?? []).map(({ find, places }) => `find ${find} : ${places.join(' ')}`),
    ...(entry.procedures ?? []).map(({ name, means }) => `verb ${name} : ${means}`),
    ...(entry.instead ?? []).map((instead) => `avoid ${instead.avoid} : ${instead.do}`),
    ...(entry.earlier
      ? [`earlier ${entry.earlier.goal.replace(/\.$/, '')} : ${entry.earlier.actions.join(' ; ')}`]
      : []),
    ...(entry.note === undefined ? [] : [`note ${entry.note.replace(/[^\p{L}\p{N} ]+/gu, ' ')}`]),
  ];
}

function plain(line: string): string {
  return line.toLowerCase().replace(/\s+/g, ' ').trim();
}
