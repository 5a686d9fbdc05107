import type { Episode, Principle, SearchOrder } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { classOf } from '../names.ts';
import { readTrace } from '../trace.ts';
import { principleFrom } from './principle-from.ts';
import { ranked, tally } from './tally.ts';

const mostPlaces = 5;
/** A class found in fewer episodes has no order yet: one sighting says where a thing was, not where such things are. */
const fewestEpisodes = 2;

/**
 * Where to look first for each class of things, whatever the family: kinds of places by found / (looked into + 2).
 *
 * @param episodes - all of one environment; oldest first.
 */
export function searchOrders(episodes: readonly Episode[], context: DistilContext): Principle | undefined {
  const task = episodes[0]?.task;
  if (task === undefined) return undefined;
  const found = tally();
  const episodesWith = tally();
  const looked = tally();
  const sources: Episode[] = [];
  for (const episode of episodes) {
    const trace = readTrace(episode);
    if (trace.found.size === 0) continue;
    sources.push(episode);
    for (const place of trace.visited.keys()) looked.add('', classOf(place));
    const holding = new Set<string>();
    const subjects = new Set<string>();
    for (const { fact } of trace.found.values()) {
      const subject = classOf(fact.subject);
      subjects.add(subject);
      const key = `${subject}\n${fact.object}`;
      if (!holding.has(key)) found.add(subject, classOf(fact.object));
      holding.add(key);
    }
    for (const subject of subjects) episodesWith.add('', subject);
  }
  const order = found
    .keys()
    .filter((subject) => episodesWith.of('', subject) >= fewestEpisodes)
    .toSorted()
    .map((find): SearchOrder => {
      const share = (place: string): number => found.of(find, place) / (looked.of('', place) + 2);
      return { find, places: ranked(found.values(find), share).slice(0, mostPlaces) };
    });
  if (order.length === 0) return undefined;
  return principleFrom(sources, context, {
    name: 'orders',
    title: `Where to look first (${task.environment})`,
    principle:
      'Look first in the kinds of places that have held such a thing most often for each time they were looked into.',
    appliesWhen: 'Something must be found and nothing is known of where it is.',
    machine: { order },
  });
}
