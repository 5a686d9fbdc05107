import type { Task } from '@skillrl/core';

/** The instruction with what differs between tasks of one kind generalised: `Name a prime above 90.` → `Name a prime above N`. */
export function goalPattern(instruction: string): string {
  const pattern = instruction
    .replace(/\d+(?:[.,]\d+)*/gu, 'N')
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[.!\s]+$/u, '');
  return shorten(pattern, 400);
}

/** What entries about the same kind of goal share: the environment with the task's type, or with its goal pattern where it has none. */
export function clusterOf(task: Task): string {
  return shorten(`${task.environment}: ${task.type ?? goalPattern(task.instruction).toLowerCase()}`, 400);
}

/** At most `length` characters, with an ellipsis where something was cut off; never half a surrogate pair. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
