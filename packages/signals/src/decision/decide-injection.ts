import { checkCount, checkFinite, checkProbability } from '../checks.ts';
import { contentId } from '../content-id.ts';
import { decide, type Decision } from './decide.ts';
import type { UtilityTable } from './utility-table.ts';

export type InjectionAction = 'leave-out' | 'inject';

/** What an entry does to the episode that reads it. What is neither is neutral. */
export interface EntryOdds {
  /** Calibrated probability that it turns a failure into a success. */
  readonly helps: number;
  /** Calibrated probability that it turns a success into a failure. */
  readonly harms: number;
}

/** All in one unit; with the gain left at 1 the unit is one more success. */
export interface InjectionStakes {
  /** Worth of a success that the entry brings about. Default 1. */
  readonly gain?: number;
  /** Cost of a failure that the entry brings about. Default: the gain. */
  readonly harm?: number;
  /** Cost of one token of prompt. 0.0001 says that ten thousand tokens are worth one success. */
  readonly costPerToken: number;
}

/**
 * Whether an entry is worth its tokens. Leaving it out is a normal answer, and the answer to a tie.
 *
 * @param tokens - length of the rendered entry, its share of the frame included.
 * @returns expected utilities of leaving out (always 0) and injecting: helps · gain − harms · harm − tokens · costPerToken.
 * @throws {RangeError} when the odds are no probabilities or exceed 1 together, `tokens` is no count, or a stake is not finite.
 *
 * Source: Bayes decision rule over the states helps, neutral and harms. Ours: the table.
 */
export function decideInjection(odds: EntryOdds, tokens: number, stakes: InjectionStakes): Decision<InjectionAction> {
  const { helps, harms } = odds;
  checkProbability('helps', helps);
  checkProbability('harms', harms);
  if (helps + harms > 1 + 1e-9) {
    throw new RangeError(
      `helps (${helps}) and harms (${harms}) exceed 1 together: an entry does one or the other to an episode.`,
    );
  }
  return decide(injectionTable(tokens, stakes), [helps, Math.max(0, 1 - helps - harms), harms]);
}

/**
 * The utility table behind `decideInjection`: columns helps, neutral and harms.
 *
 * @throws {RangeError} when `tokens` is no count or a stake is not finite.
 */
export function injectionTable(tokens: number, stakes: InjectionStakes): UtilityTable<InjectionAction> {
  const { gain = 1, harm = gain, costPerToken } = stakes;
  checkCount('tokens', tokens);
  checkFinite('stakes', [gain, harm, costPerToken]);
  const cost = tokens * costPerToken;
  const utilities = [
    [0, 0, 0],
    [gain - cost, 0 - cost, 0 - harm - cost],
  ];
  return { id: `injection ${contentId(utilities)}`, actions: ['leave-out', 'inject'], utilities };
}
