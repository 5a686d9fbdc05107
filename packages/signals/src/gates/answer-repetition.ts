import { checkCount } from '../checks.ts';

/** What one rollout answered. */
export interface GivenAnswer {
  readonly taskId: string;
  /** Its answer in a normal form, such as lower case without punctuation, or the joined templates of its commands; `null` without one. */
  readonly answer: string | null;
  /** 1 right, 0 wrong, `null` when that is not known. */
  readonly correct: number | null;
}

export interface AnswerRepetitionOptions {
  /** Alarm from this share of the tasks, in (0, 1]. Default 0.5. */
  readonly share?: number;
  /** Fewer tasks say nothing; at least 2. Default 8. */
  readonly leastTasks?: number;
}

export interface AnswerRepetition {
  readonly alarm: boolean;
  /** The answer given in the most tasks; of equals the first in the order of their characters. `undefined` without answers. */
  readonly answer: string | undefined;
  /** Share of the tasks with an answer in which it was given, in [0, 1]; `undefined` without answers. */
  readonly share: number | undefined;
  readonly tasks: number;
}

/**
 * Whether the policy gives one answer whatever it is asked.
 *
 * @param answers - of the latest rollouts of different tasks, in any order. How often an answer comes within a task does not count: a sure policy
 *   repeats itself there.
 * @returns an alarm when one answer is given in at least that share of the tasks and, as far as is known, is wrong more often than right.
 * @throws {RangeError} when an option or an outcome is outside its range.
 *
 * Source: ours, after Cheng et al. 2026, arXiv:2605.28388 (overly hard samples induce answer repetition). Where a question has few possible answers,
 * raise `share` above that of the most common right one.
 */
export function answerRepetition(
  answers: readonly GivenAnswer[],
  options: AnswerRepetitionOptions = {},
): AnswerRepetition {
  const { share: least = 0.5, leastTasks = 8 } = options;
  if (!(least > 0 && least <= 1)) throw new RangeError(`share is ${least}: give a number in (0, 1].`);
  checkCount('leastTasks', leastTasks, 2);

  const tasks = new Set<string>();
  const uses = new Map<string, { readonly tasks: Set<string>; right: number; wrong: number }>();
  for (const [index, { taskId, answer, correct }] of answers.entries()) {
    if (correct !== null && correct !== 0 && correct !== 1) {
      throw new RangeError(`answers[${index}].correct is ${correct}: give 1, 0 or null.`);
    }
    if (answer === null) continue;
    tasks.add(taskId);
    const use = uses.get(answer) ?? { tasks: new Set<string>(), right: 0, wrong: 0 };
    uses.set(answer, use);
    use.tasks.add(taskId);
    if (correct === 1) use.right += 1;
    if (correct === 0) use.wrong += 1;
  }
  const [most] = [...uses].toSorted(
    ([a, first], [b, second]) => second.tasks.size - first.tasks.size || (a < b ? -1 : 1),
  );
  if (most === undefined) return { alarm: false, answer: undefined, share: undefined, tasks: 0 };
  const [answer, use] = most;
  const share = use.tasks.size / tasks.size;
  const alarm = tasks.size >= leastTasks && share >= least && use.wrong > use.right;
  return { alarm, answer, share, tasks: tasks.size };
}
