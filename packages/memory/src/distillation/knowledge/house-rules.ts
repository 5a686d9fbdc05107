import type { Episode, Instead, Principle } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { wordEvidence, type WordEvidence } from '../made-up-words.ts';
import { classOf } from '../names.ts';
import { resolvedRefusals } from '../refusals.ts';
import { readAction, readTrace } from '../trace.ts';
import { principleFrom } from './principle-from.ts';
import { wordMeanings } from './word-meanings.ts';

/**
 * What holds in one family and nowhere else: what its words mean, as its episodes together show, and which of its appliances refuse.
 *
 * @param episodes - all of one environment and family; oldest first.
 */
export function houseRules(episodes: readonly Episode[], context: DistilContext): Principle | undefined {
  const task = episodes[0]?.task;
  if (task?.family === undefined) return undefined;
  const words: WordEvidence[] = [];
  const refusals = new Map<string, Instead>();
  const sources: Episode[] = [];
  for (const episode of episodes) {
    const trace = readTrace(episode);
    const word = wordEvidence(trace, episode);
    const isNew = word !== undefined && context.ordinaryWords?.has(word.word) !== true;
    const tellsOfWord = isNew && (word.oneOf !== undefined || word.noneOf.length > 0 || word.isPlain);
    const resolved = resolvedRefusals(trace, episode.task.instruction);
    if (tellsOfWord) words.push(word);
    for (const instead of resolved) refusals.set(refusalKey(instead), instead);
    if (tellsOfWord || resolved.length > 0) sources.push(episode);
  }
  const procedures = wordMeanings(words);
  if (procedures.length === 0 && refusals.size === 0) return undefined;

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
