import type { Episode, Instead, Principle, Procedure } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { proceduresShown } from '../made-up-words.ts';
import { classOf } from '../names.ts';
import { resolvedRefusals } from '../refusals.ts';
import { readAction, readTrace } from '../trace.ts';
import { principleFrom } from './principle-from.ts';
import { ranked, tally } from './tally.ts';

/**
 * What holds in one family and nowhere else: what its words mean, as its successes show, and which of its appliances refuse.
 *
 * @param episodes - all of one environment and family; oldest first.
 */
export function houseRules(episodes: readonly Episode[], context: DistilContext): Principle | undefined {
  const task = episodes[0]?.task;
  if (task?.family === undefined) return undefined;
  const meanings = tally();
  const refusals = new Map<string, Instead>();
  const sources: Episode[] = [];
  for (const episode of episodes) {
    const trace = readTrace(episode);
    const isSuccess = episode.outcome?.status === 'success' && episode.outcome.verified;
    const procedures = isSuccess ? proceduresShown(trace, episode.task) : [];
    const shown = procedures.filter(({ name }) => context.ordinaryWords?.has(name) !== true);
    const resolved = resolvedRefusals(trace, episode.task.instruction);
    for (const { name, means } of shown) meanings.add(name, means);
    for (const instead of resolved) refusals.set(refusalKey(instead), instead);
    if (shown.length > 0 || resolved.length > 0) sources.push(episode);
  }
  if (sources.length === 0) return undefined;

  const procedures = meanings
    .keys()
    .toSorted()
    .map((name): Procedure => ({
      name,
      means: ranked(meanings.values(name), (means) => meanings.of(name, means))[0]!,
    }));
  const instead = [...refusals].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule);
  return principleFrom(sources, context, {
    name: 'rules',
    family: task.family,
    title: `What holds in ${task.family} alone`,
    principle: `Words and appliances of ${task.family} have rules of their own; they hold in each of its tasks.`,
    appliesWhen: `A task in ${task.family} uses one of its words or appliances.`,
    machine: { ...(procedures.length > 0 && { procedures }), ...(instead.length > 0 && { instead }) },
  });
}

/** Equal for the same appliance refusing another object. */
function refusalKey({ avoid }: Instead): string {
  const { verb, things } = readAction(avoid);
  return `${verb} ${classOf(things.at(-1) ?? '')} ${things.at(-1) ?? ''}`;
}
