import { checkProbability } from '../checks.ts';
import { checkVerdict, decidingVerdicts, isTrusted, isVerified, type Verdict } from './verdict.ts';

/** What is to be known of a finished episode before memory may learn from it. */
export interface PromotionCase {
  readonly purpose: 'train' | 'admit' | 'gate' | 'test';
  /** What is said of its outcome; empty when nothing is known. */
  readonly verdicts: readonly Verdict[];
  /** How it ended. `truncated`: by a limit of ours. A task's own step limit is not one: reaching it is `terminated`. Default `terminated`. */
  readonly end?: 'terminated' | 'truncated' | 'errored';
  /** Success rate on the task over other episodes than this one and its group, in [0, 1]; `null` when too few are known. Default `null`. */
  readonly passRate?: number | null;
  /** Signs that the success was not earned, such as `answer-repeated`. Default none. */
  readonly shortcutFlags?: readonly string[];
}

export interface PromotionOptions {
  /** Score from which the task counts as done, in (0, 1]. Default 1. */
  readonly successScore?: number;
  /** A success on a task with a lower pass rate is suspect. Default 0.125, the lower edge of `passRateBand`. */
  readonly suspectBelow?: number;
}

/**
 * - `demonstration`: its steps may be kept as an example.
 * - `lesson`: what went wrong may be kept, abstract; `about` says what: the failure, or a success by a shortcut.
 * - `quarantine`: what it would become waits for a second verification or a person.
 * - `none`: memory must not learn from it.
 */
export type Promotion = { readonly reason: string } & (
  | { readonly becomes: 'demonstration' }
  | { readonly becomes: 'lesson'; readonly about: 'failure' | 'shortcut' }
  | { readonly becomes: 'quarantine'; readonly as: 'demonstration' | 'lesson' }
  | { readonly becomes: 'none' }
);

/**
 * What an episode may become. Successes stay concrete, failures become abstract, and what is not certain waits.
 *
 * The rules in their order:
 * 1. Only `train` episodes teach; `admit`, `gate` and `test` measure.
 * 2. The most trusted verdict counts (environment, grader, user, then model or tool; verified before unverified). If equals disagree: quarantine.
 * 3. Without a score there is nothing to learn, whatever ended the episode.
 * 4. A success with a shortcut flag is a lesson about the shortcut.
 * 5. A success is a demonstration when verified, and verified by two names when the task nearly always fails; otherwise quarantine.
 * 6. A failure that broke off on an error, or on a limit of ours, says nothing of what the policy did wrong. Any other gives a lesson when
 *    verified, and waits when not: a wrong lesson does more harm than none.
 *
 * @returns with the reason as a sentence.
 * @throws {RangeError} when a score, rate or threshold is outside its range, or a source or purpose is unknown.
 *
 * Source: the asymmetry is SkillRL's (arXiv:2602.08234, §3); purposes, trust and the second verification of rare successes are ours, the latter after
 * the harm that lucky successes on overly hard tasks do in training (arXiv:2605.28388).
 */
export function promote(episode: PromotionCase, options: PromotionOptions = {}): Promotion {
  const { purpose, verdicts, end = 'terminated', passRate = null, shortcutFlags = [] } = episode;
  const { successScore = 1, suspectBelow = 0.125 } = options;
  check(episode, successScore, suspectBelow);

  if (purpose !== 'train')
    return {
      becomes: 'none',
      reason: `It was played for '${purpose}', and learning from it would spoil what it measures.`,
    };
  const deciding = decidingVerdicts(verdicts);
  const [first] = deciding;
  if (first === undefined) {
    const reason =
      end === 'truncated' ? 'A limit of ours ended it before its outcome was known.' : 'Its outcome is not known.';
    return { becomes: 'none', reason };
  }

  const isSuccess = first.score >= successScore;
  if (deciding.some(({ score }) => score >= successScore !== isSuccess)) {
    return { becomes: 'quarantine', as: 'lesson', reason: 'Equally trusted sources disagree whether it succeeded.' };
  }
  if (!isSuccess) return failed(first, end, successScore);

  if (shortcutFlags.length > 0) {
    return {
      becomes: 'lesson',
      about: 'shortcut',
      reason: `It succeeded by a shortcut (${shortcutFlags.join(', ')}).`,
    };
  }
  const verifiers = new Set(
    verdicts
      .filter((verdict) => isVerified(verdict) && verdict.score !== null && verdict.score >= successScore)
      .map(({ verifier, source }) => verifier ?? source),
  ).size;
  return succeeded(first, verifiers, passRate, suspectBelow);
}

function failed(verdict: Verdict, end: NonNullable<PromotionCase['end']>, successScore: number): Promotion {
  if (end === 'errored')
    return { becomes: 'none', reason: 'It broke off on an error, which tells nothing of what the policy did wrong.' };
  if (end === 'truncated') return { becomes: 'none', reason: 'A limit of ours ended it: it might have succeeded.' };
  if (!isVerified(verdict))
    return { becomes: 'quarantine', as: 'lesson', reason: `It is said to have failed, but ${unverified(verdict)}.` };
  return {
    becomes: 'lesson',
    about: 'failure',
    reason: `It failed: score ${verdict.score}, and ${successScore} counts as success.`,
  };
}

function succeeded(verdict: Verdict, verifiers: number, passRate: number | null, suspectBelow: number): Promotion {
  if (verifiers === 0) {
    const reason = `It is said to have succeeded, but ${unverified(verdict)}.`;
    return { becomes: 'quarantine', as: 'demonstration', reason };
  }
  const isSuspect = passRate !== null && passRate < suspectBelow;
  if (isSuspect && verifiers < 2) {
    return {
      becomes: 'quarantine',
      as: 'demonstration',
      reason: `It succeeded where ${passRate} of attempts do (suspect below ${suspectBelow}), and only one source verified it.`,
    };
  }
  return {
    becomes: 'demonstration',
    reason: isSuspect ? 'A rare success that two sources verified.' : 'A verified success.',
  };
}

function unverified(verdict: Verdict): string {
  return isTrusted(verdict) ? `the ${verdict.source}'s word is not verified` : `only a ${verdict.source} says so`;
}

function check({ purpose, verdicts, passRate }: PromotionCase, successScore: number, suspectBelow: number): void {
  if (!['train', 'admit', 'gate', 'test'].includes(purpose)) {
    throw new RangeError(`The purpose is '${String(purpose)}': use train, admit, gate or test.`);
  }
  verdicts.forEach(checkVerdict);
  if (passRate !== undefined && passRate !== null) checkProbability('passRate', passRate);
  if (!(successScore > 0 && successScore <= 1)) {
    throw new RangeError(`successScore is ${successScore}: give a number in (0, 1].`);
  }
  checkProbability('suspectBelow', suspectBelow);
}
