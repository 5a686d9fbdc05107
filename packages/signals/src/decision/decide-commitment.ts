import { checkFinite, checkProbability } from '../checks.ts';
import { contentId } from '../content-id.ts';
import { decide, type Decision } from './decide.ts';
import type { UtilityTable } from './utility-table.ts';

export type CommitmentAction = 'abstain' | 'ask' | 'retry' | 'commit';

/** What is at stake when a result is handed over, in any one unit (a right result is worth 1 unless told otherwise). */
export interface CommitmentStakes {
  /** Worth of a right result handed over. Default 1. */
  readonly gain?: number;
  /** Cost of a wrong result handed over. */
  readonly loss: number;
  /** Cost of handing over nothing. Default 0. */
  readonly abstainCost?: number;
  /** Absent when nobody can be asked. */
  readonly ask?: {
    readonly cost: number;
    /** How probably asking ends with a right result; otherwise it ends with none. Default 1. */
    readonly right?: number;
  };
  /** Absent when no attempt is left. Its result is handed over. */
  readonly retry?: {
    readonly cost: number;
    /** How probably the next attempt is right when the present one is right, and when it is wrong: attempts of one policy resemble each other. */
    readonly rightIfRight: number;
    readonly rightIfWrong: number;
  };
}

/**
 * Commit to a result, retry, ask, or abstain.
 *
 * @param probability - calibrated probability that the result at hand is right.
 * @returns the action of the greatest expected utility; of equal ones the safest: abstain, ask, retry, commit. Without `ask` and `retry` one commits
 *   when the probability exceeds (loss − abstainCost) / (gain + loss).
 * @throws {RangeError} when a probability is outside [0, 1] or a stake is not finite.
 *
 * Source: Bayes decision rule over the states right and wrong. Ours: the table.
 */
export function decideCommitment(probability: number, stakes: CommitmentStakes): Decision<CommitmentAction> {
  checkProbability('probability', probability);
  return decide(commitmentTable(stakes), [probability, 1 - probability]);
}

/**
 * The utility table behind `decideCommitment`: columns right and wrong, rows for the actions that are possible, the safest first.
 *
 * @throws {RangeError} when a probability is outside [0, 1] or a stake is not finite.
 */
export function commitmentTable(stakes: CommitmentStakes): UtilityTable<CommitmentAction> {
  const { gain = 1, loss, abstainCost = 0, ask, retry } = stakes;
  checkFinite('stakes', [gain, loss, abstainCost, ask?.cost ?? 0, retry?.cost ?? 0]);
  const rows: [CommitmentAction, number, number][] = [['abstain', 0 - abstainCost, 0 - abstainCost]];
  if (ask !== undefined) {
    const { cost, right = 1 } = ask;
    checkProbability('ask.right', right);
    const worth = right * gain - (1 - right) * abstainCost - cost;
    rows.push(['ask', worth, worth]);
  }
  if (retry !== undefined) {
    const { cost, rightIfRight, rightIfWrong } = retry;
    checkProbability('retry.rightIfRight', rightIfRight);
    checkProbability('retry.rightIfWrong', rightIfWrong);
    const worth = (right: number): number => right * gain - (1 - right) * loss - cost;
    rows.push(['retry', worth(rightIfRight), worth(rightIfWrong)]);
  }
  rows.push(['commit', gain, 0 - loss]);
  const actions = rows.map(([action]) => action);
  const utilities = rows.map(([, right, wrong]) => [right, wrong]);
  return { id: `commitment ${contentId([actions, utilities])}`, actions, utilities };
}
