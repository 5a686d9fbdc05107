import { centredRewards } from '../advantages/centred-rewards.ts';
import { checkMagnitude } from '../check-magnitude.ts';
import { checkProbability, checkSameLength } from '../checks.ts';
import type { AnswerRepetition } from './answer-repetition.ts';
import type { LengthCollapse } from './length-collapse.ts';
import { isReview } from './is-review.ts';
import { bandOutside, type OutsideBand } from './outside-band.ts';
import { isRetired, type DecayOptions, type PassHistory } from './pass-history.ts';
import type { BandOptions } from './pass-rate-band.ts';
import { suspectSuccesses, type SuspectSuccess } from './suspect-successes.ts';

/** A finished group of rollouts that may be trained on. */
export interface GroupUnderGate {
  readonly groupId: string;
  readonly policyVersion: number;
  /** One per rollout: what it earned, within ±1e100; `null` when it could not be scored. */
  readonly rewards: ArrayLike<number | null>;
  /** One per rollout: 1 success, 0 failure, `null` unknown. Leave it out where there is no success to speak of; then no band applies. */
  readonly outcomes?: ArrayLike<number | null>;
  /** One per rollout, in the normal form that `answerRepetition` was given; `null` without one. */
  readonly answers?: readonly (string | null)[];
  /** Played only to learn how hard the task is. Default `false`. */
  readonly isPilot?: boolean;
}

/** What is known from elsewhere. */
export interface GateEvidence {
  /** The group's own outcome, if recorded already, does not count. */
  readonly history: PassHistory;
  /** This query's part of `dispersionFilter`'s result. */
  readonly dispersion?: { readonly keep: boolean };
  /** Result of `knowledgeFilter`. */
  readonly knowledge?: { readonly keep: boolean };
  readonly lengths?: LengthCollapse;
  readonly repetition?: AnswerRepetition;
}

export interface GateOptions extends BandOptions, DecayOptions {
  /** Weight of a group whose task is too little known, in [0, 1]. Default 0.5. */
  readonly unknownWeight?: number;
  /** `put-off`: do not train on tasks that are too hard. `guard`: train, with advantages from `guardRareSuccess`. Default `put-off`. */
  readonly tooHard?: 'put-off' | 'guard';
  /** Share of the groups of easy and retired tasks that are trained on all the same, as review, in [0, 1]. Default 0.1. */
  readonly reviewShare?: number;
  /** Decides, with the group's id, which groups are review. Default 1. */
  readonly seed?: number;
}

export type GateReasonCode =
  | 'pilot'
  | 'no-signal'
  | 'unknown'
  | 'too-hard'
  | 'too-easy'
  | 'retired'
  | 'review'
  | 'low-dispersion'
  | 'beyond-knowledge'
  | 'length-collapsed'
  | 'answer-repeated';

export interface GateReason {
  readonly code: GateReasonCode;
  /** `rejects`: not trained on; `lowers`: trained on with a lower weight; `notes`: changes nothing by itself. */
  readonly effect: 'rejects' | 'lowers' | 'notes';
  readonly text: string;
}

export interface GateDecision {
  readonly groupId: string;
  readonly train: boolean;
  /** What the group's loss counts, in [0, 1]; 0 unless it is trained on. */
  readonly weight: number;
  /** How hard the task is by other groups; `undefined` where success is not defined. */
  readonly band: OutsideBand | undefined;
  readonly suspects: readonly SuspectSuccess[];
  /** Why, and what was noticed; empty for an ordinary group. */
  readonly reasons: readonly GateReason[];
}

/**
 * One decision for one group: whether to train on it, how much it counts, and which of its successes are suspect. A rejected group is still
 * recorded, and memory still learns from its failures.
 *
 * @returns with every reason, not only the first.
 * @throws {RangeError} when lengths differ or a number is outside its range.
 *
 * Source: ours; the parts name theirs (`passRateBand`, `guardRareSuccess`, `dispersionFilter`, `knowledgeFilter`, `lengthCollapse`,
 * `answerRepetition`). Groups of equal rewards: DAPO, arXiv:2503.14476, §3.2.
 */
export function gateGroup(group: GroupUnderGate, evidence: GateEvidence, options: GateOptions = {}): GateDecision {
  const { unknownWeight = 0.5, tooHard = 'put-off' } = options;
  checkGroup(group, options);
  const band = group.outcomes === undefined ? undefined : bandOutside(evidence.history, group, options);
  const reasons = [
    ...reasonsOfGroup(group),
    ...reasonsOfTask(band, group, evidence, options, tooHard),
    ...reasonsOfEvidence(evidence),
  ];
  const train = reasons.every(({ effect }) => effect !== 'rejects');
  const lowered = reasons.some(({ effect }) => effect === 'lowers') ? unknownWeight : 1;
  return {
    groupId: group.groupId,
    train,
    weight: train ? lowered : 0,
    band,
    suspects: suspectSuccesses(group, band, evidence),
    reasons,
  };
}

function reasonsOfGroup({ rewards, isPilot = false }: GroupUnderGate): GateReason[] {
  const reasons: GateReason[] = [];
  if (isPilot) reasons.push(reason('pilot', 'rejects', 'A pilot only measures how hard the task is.'));
  if (centredRewards(rewards, { normalise: false, epsilon: 0 }).every((advantage) => advantage === 0)) {
    reasons.push(reason('no-signal', 'rejects', 'Fewer than two rollouts were scored, or all earned the same.'));
  }
  return reasons;
}

function reasonsOfTask(
  band: OutsideBand | undefined,
  group: GroupUnderGate,
  { history }: GateEvidence,
  options: GateOptions,
  tooHard: 'put-off' | 'guard',
): GateReason[] {
  if (band === undefined) return [];
  const solved = `Other groups solved it in ${percent(band.passRate)} of ${Number(band.trials.toFixed(1))} trials`;
  const learned: GateReason[] = [];
  if (isRetired(history)) learned.push(reason('retired', 'rejects', 'Its last two pilots were all correct.'));
  if (band.label === 'too-easy') learned.push(reason('too-easy', 'rejects', `${solved}: nothing is left to learn.`));
  if (learned.length > 0) {
    if (!isReview(group.groupId, options.reviewShare ?? 0.1, options.seed ?? 1)) return learned;
    const noted = learned.map(({ code, text }) => reason(code, 'notes', text));
    return [...noted, reason('review', 'notes', 'Trained on all the same, so that what is learned is not lost.')];
  }
  if (band.label === 'unknown') return [reason('unknown', 'lowers', `${solved}: too few to tell.`)];
  if (band.label === 'train') return [];
  const effect = tooHard === 'put-off' ? 'rejects' : 'notes';
  return [reason('too-hard', effect, `${solved}: a success is rare, and more likely luck than skill.`)];
}

function reasonsOfEvidence({ dispersion, knowledge, lengths, repetition }: GateEvidence): GateReason[] {
  const reasons: GateReason[] = [];
  if (dispersion?.keep === false) {
    reasons.push(
      reason('low-dispersion', 'rejects', 'The reference is as likely after one reasoning as after another.'),
    );
  }
  if (knowledge?.keep === false) {
    reasons.push(
      reason('beyond-knowledge', 'rejects', 'No reasoning brings the reference within reach of the policy.'),
    );
  }
  if (lengths !== undefined && lengths.alarm !== 'none') {
    reasons.push(
      reason(
        'length-collapsed',
        'notes',
        `Responses are at a median of ${lengths.median}: a ${lengths.alarm} collapse.`,
      ),
    );
  }
  if (repetition?.alarm === true) {
    reasons.push(
      reason('answer-repeated', 'notes', `One answer is given in ${percent(repetition.share)} of the tasks.`),
    );
  }
  return reasons;
}

function reason(code: GateReasonCode, effect: GateReason['effect'], text: string): GateReason {
  return { code, effect, text };
}

function percent(share: number | undefined): string {
  return share === undefined ? 'none' : `${Number((100 * share).toFixed(1))} %`;
}

function checkGroup({ rewards, outcomes, answers }: GroupUnderGate, options: GateOptions): void {
  const { unknownWeight = 0.5, reviewShare = 0.1, tooHard = 'put-off' } = options;
  checkMagnitude('rewards', rewards);
  if (outcomes !== undefined) {
    checkSameLength('rewards', rewards, 'outcomes', outcomes);
    for (let rollout = 0; rollout < outcomes.length; rollout += 1) {
      const outcome = outcomes[rollout];
      if (outcome !== null && outcome !== 0 && outcome !== 1) {
        throw new RangeError(
          `outcomes[${rollout}] is ${outcome}: give 1 for success, 0 for failure, null when unknown.`,
        );
      }
    }
  }
  if (answers !== undefined) checkSameLength('rewards', rewards, 'answers', answers);
  checkProbability('unknownWeight', unknownWeight);
  checkProbability('reviewShare', reviewShare);
  if (tooHard !== 'put-off' && tooHard !== 'guard') {
    throw new RangeError(`tooHard is '${String(tooHard)}': use put-off or guard.`);
  }
}
