import type { EntryExposure } from '@skillrl/core';
import type { Recaller } from '@skillrl/memory';

import type { Side } from './iteration-plan.ts';

/** Half of each group sees what was recalled, by plan and not by what it is: the probability that the ledger compares by. */
const propensity = 0.5;

/**
 * The recaller of one half of each group. Both halves recall the same entries; the half `entries` is shown them, the half `none` is not, and both
 * note it, so that the ledger reads from the episodes what the entries are worth.
 *
 * @param recaller - must withhold nothing by itself (`withholdProbability: 0`): the halves are the experiment.
 */
export function entriesForHalf(recaller: Recaller, side: Side): Recaller {
  return {
    ...recaller,
    name: `${recaller.name}/half-${side}`,
    recall: async (request) => {
      const advice = await recaller.recall(request);
      const exposures = advice.recall.shown.map((exposure): EntryExposure => ({ ...exposure, propensity }));
      if (side === 'entries') return { ...advice, recall: { ...advice.recall, shown: exposures } };
      return { entries: [], text: '', recall: { ...advice.recall, shown: [], withheld: exposures, tokens: 0 } };
    },
  };
}
