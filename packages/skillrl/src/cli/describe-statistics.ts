import type { EntryStatistic } from '@skillrl/core';

import { table } from './output.ts';

/** Which episodes used an entry and what came of them, as a table for a person; a line when there are none. */
export function describeStatistics(statistics: readonly EntryStatistic[]): string[] {
  if (statistics.length === 0) return ['used by no episode yet'];
  return table([
    ['version', 'draw', 'chance', 'purpose', 'policy', 'episodes', 'won', 'lost', 'unknown', 'mean score'],
    ...statistics.map(({ entryVersion, shown, propensity, purpose, policy, episodes, won, lost, score }) => [
      entryVersion,
      shown ? 'shown' : 'withheld',
      propensity,
      purpose,
      `${policy.name} ${policy.version}`.slice(0, 60),
      episodes,
      won,
      lost,
      episodes - won - lost,
      won + lost === 0 ? '–' : (score / (won + lost)).toFixed(3),
    ]),
  ]);
}

/** Uses of many entries in a few numbers: in how many episodes each was shown or withheld, and how many of those were won or lost. */
export function usesOf(statistics: readonly EntryStatistic[]): Record<string, number> {
  const uses: Record<string, number> = {};
  const add = (name: string, count: number): void => void (uses[name] = (uses[name] ?? 0) + count);
  for (const { shown, episodes, won, lost } of statistics) {
    const draw = shown ? 'shown' : 'withheld';
    add(draw, episodes);
    add(`${draw} and won`, won);
    add(`${draw} and lost`, lost);
  }
  return uses;
}
