import { servedStatuses, type Demonstration, type Policy, type Task } from '@skillrl/core';

import { wordsOf } from '../distillation/names.ts';
import type { RecallPorts } from './recaller.ts';

/**
 * A policy without a model: repeats the stored actions of the demonstration whose task is nearest, action by action, then those of the next
 * nearest. What it wins shows how much of a benchmark is in the bank word for word.
 *
 * Nearest is: the same environment, then the most similar instruction, a like type and the same family breaking near ties.
 */
export function replayPolicy(
  { entries }: Pick<RecallPorts, 'entries'>,
  { namespace, revision }: { readonly namespace: string; readonly revision?: number },
): Policy {
  const scripts = new Map<string, Promise<string[]>>();

  async function scriptFor(task: Task): Promise<string[]> {
    const view = await entries.view(namespace, revision);
    const near: { readonly demonstration: Demonstration; readonly nearness: number }[] = [];
    for await (const entry of view.list({ kinds: ['demonstration'], statuses: servedStatuses })) {
      if (entry.kind !== 'demonstration') continue;
      const nearness = nearnessOf(entry, task);
      if (nearness > 0) near.push({ demonstration: entry, nearness });
    }
    near.sort((a, b) => b.nearness - a.nearness || (a.demonstration.id < b.demonstration.id ? -1 : 1));
    return near
      .slice(0, mostScripts)
      .flatMap(({ demonstration }) => demonstration.body.steps.map(({ action }) => action));
  }

  return {
    name: 'replay',
    version: `replay-1@${revision ?? 'latest'}`,
    act: async ({ episodeId, task, steps, admissible }) => {
      let script = scripts.get(episodeId);
      if (script === undefined) {
        script = scriptFor(task);
        scripts.set(episodeId, script);
        void script.catch(() => scripts.delete(episodeId));
      }
      // Past the end there is nothing to repeat: any understood action, so that the episode goes on to its own limit.
      const action = (await script)[steps.length] ?? admissible?.[0] ?? '';
      return { action, calls: [] };
    },
    release: (episodeId) => void scripts.delete(episodeId),
  };
}

const mostScripts = 5;

function nearnessOf({ body, cluster, conditions }: Demonstration, task: Task): number {
  if (conditions?.environments !== undefined && !conditions.environments.includes(task.environment)) return 0;
  const wanted = new Set(wordsOf(task.instruction));
  const shown = new Set(wordsOf(body.goal));
  const common = [...wanted].filter((word) => shown.has(word)).length;
  const similarity = common / Math.max(1, wanted.size + shown.size - common);
  const isLikeType = task.type !== undefined && cluster.endsWith(`: ${task.type}`);
  const isSameFamily = task.family !== undefined && conditions?.families?.includes(task.family) === true;
  return similarity + (isLikeType ? 0.2 : 0) + (isSameFamily ? 0.1 : 0);
}
