import type { Task } from '@skillrl/core';

import { goalPattern } from '../goal.ts';
import type { TraceStep } from '../trace.ts';

/** Phrases that the findings about one task share. */
export interface Words {
  /** `In house-1, when` — or `When` for a task without a family. */
  readonly where: string;
  readonly goal: string;
}

export function wordsFor(task: Task): Words {
  return {
    where: task.family === undefined ? 'When' : `In ${task.family}, when`,
    goal: goalPattern(task.instruction),
  };
}

export function place(task: Task): string {
  return task.family ?? task.environment;
}

export function at(step: TraceStep): string {
  return `At step ${step.index}`;
}

/** `drawer 1, drawer 2 and fridge 1`; no more than six names. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6);
  if (names.length > shown.length) return `${shown.join(', ')} and ${names.length - shown.length} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `a mug`, `an egg`. */
export function one(noun: string): string {
  return `${/^[aeiou]/iu.test(noun) ? 'an' : 'a'} ${noun}`;
}
