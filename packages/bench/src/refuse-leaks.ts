import { type BankEntry, InputError, type Task } from '@skillrl/core';

/**
 * Stops a run whose panel an entry was learned from.
 *
 * @param entries - everything that any arm can be shown.
 * @throws {InputError} `PANEL_LEAK` naming the first such entry.
 */
export function refuseLeaks(panel: readonly Task[], entries: readonly BankEntry[]): void {
  const ids = new Set(panel.map((task) => task.id));
  for (const entry of entries) {
    const leaked = entry.evidence.find((evidence) => ids.has(evidence.taskId));
    if (leaked !== undefined) {
      throw new InputError({
        code: 'PANEL_LEAK',
        message: `The entry '${entry.title}' (${entry.id}) was learned from '${leaked.taskId}', which is in the panel: the run would test on what it learned from.`,
        hint: 'Learn from other tasks, or use the retry protocol with a bank that is thrown away.',
      });
    }
  }
}

/**
 * Stops a run before it is played when it would learn from a task of its own panel.
 *
 * @throws {InputError} `PANEL_LEAK` naming the first such task.
 */
export function refuseSharedTasks(panel: readonly Task[], learning: readonly Task[]): void {
  const ids = new Set(panel.map((task) => task.id));
  const shared = learning.find((task) => ids.has(task.id));
  if (shared === undefined) return;
  throw new InputError({
    code: 'PANEL_LEAK',
    message: `The task '${shared.id}' is to be learned from and is in the panel: the run would test on what it learned from.`,
    hint: 'Choose another panel or other tasks to learn from, or use the retry protocol.',
  });
}
