import type { Episode, Fact, Principle } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { classOf } from '../names.ts';
import { readTrace } from '../trace.ts';
import { principleFrom } from './principle-from.ts';
import { ranked, tally } from './tally.ts';

const mostPlaces = 4;
const mostFacts = 150;

/**
 * Where the episodes of one family found things: one entry for the family, its facts ordered by class and then by how often the place held
 * such a thing, counted as found / (looked into + 2).
 *
 * @param episodes - all of one environment and family; oldest first.
 */
export function houseFacts(episodes: readonly Episode[], context: DistilContext): Principle | undefined {
  const task = episodes[0]?.task;
  if (task?.family === undefined) return undefined;
  const found = tally();
  const names = tally();
  const looked = tally();
  const sources: Episode[] = [];
  for (const episode of episodes) {
    const trace = readTrace(episode);
    if (trace.found.size === 0) continue;
    sources.push(episode);
    for (const place of trace.visited.keys()) looked.add('', place);
    const here = new Set<string>();
    for (const { fact } of trace.found.values()) {
      const key = `${classOf(fact.subject)}\n${fact.object}`;
      names.add(key, JSON.stringify(fact));
      if (!here.has(key)) found.add(classOf(fact.subject), fact.object);
      here.add(key);
    }
  }
  const facts = found
    .keys()
    .toSorted()
    .flatMap((subject) => {
      const share = (place: string): number => found.of(subject, place) / (looked.of('', place) + 2);
      return ranked(found.values(subject), share)
        .slice(0, mostPlaces)
        .map((place): Fact => commonest(names, `${subject}\n${place}`));
    })
    .slice(0, mostFacts);
  if (facts.length === 0) return undefined;
  return principleFrom(sources, context, {
    name: 'facts',
    family: task.family,
    title: `Where things are in ${task.family}`,
    principle: `Things in ${task.family} tend to be where they were found before; the likeliest place stands first.`,
    appliesWhen: `A task in ${task.family} needs something found.`,
    machine: { facts },
  });
}

function commonest(names: ReturnType<typeof tally>, key: string): Fact {
  const [best = '{}'] = ranked(names.values(key), (value) => names.of(key, value));
  return JSON.parse(best) as Fact;
}
