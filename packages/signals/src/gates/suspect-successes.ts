import type { AnswerRepetition } from './answer-repetition.ts';
import type { LengthCollapse } from './length-collapse.ts';
import type { PassRateBand } from './pass-rate-band.ts';

/** A success that memory must not keep as a demonstration on one verification alone. */
export interface SuspectSuccess {
  /** Index of the rollout in the group. */
  readonly rollout: number;
  readonly why: readonly ('rare-success' | 'answer-repeated' | 'length-collapsed')[];
}

/**
 * Which successes of a group may be luck or a shortcut: those on a task that nearly always fails, those by an answer that is given everywhere, and all
 * while responses collapse.
 *
 * @param band - how hard the task is by other groups; `undefined` where that is not known to matter.
 */
export function suspectSuccesses(
  group: { readonly outcomes?: ArrayLike<number | null>; readonly answers?: readonly (string | null)[] },
  band: PassRateBand | undefined,
  alarms: { readonly lengths?: LengthCollapse; readonly repetition?: AnswerRepetition },
): SuspectSuccess[] {
  const { outcomes = [], answers } = group;
  const { lengths, repetition } = alarms;
  const suspects: SuspectSuccess[] = [];
  for (let rollout = 0; rollout < outcomes.length; rollout += 1) {
    if (outcomes[rollout] !== 1) continue;
    const why: SuspectSuccess['why'][number][] = [];
    if (band?.label === 'too-hard') why.push('rare-success');
    if (repetition?.alarm === true && answers?.[rollout] === repetition.answer) why.push('answer-repeated');
    if (lengths !== undefined && lengths.alarm !== 'none') why.push('length-collapsed');
    if (why.length > 0) suspects.push({ rollout, why });
  }
  return suspects;
}
