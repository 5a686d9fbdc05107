import { classOf, namesClass } from './names.ts';
import type { Trace, TraceStep } from './trace.ts';

/** What an act on a thing does with it: gets it, leaves it somewhere, or changes it while it is held. */
export type Handling = 'fetch' | 'put-down' | 'treatment';

/**
 * What the effective acts on two things do with the first of them, by step index. The words for it are learned from the trace: what gets a
 * thing from where it was found is fetching; what can be undone by fetching is putting down; the rest is treatment.
 *
 * @param goal - the instruction: where no trace of undoing is, the last act on a thing and a place it names is taken for the delivery.
 */
export function handlingsIn(trace: Trace, goal: string): ReadonlyMap<number, Handling> {
  const fetching = fetchVerbs(trace);
  const acts = trace.steps.filter(({ effect, things }) => effect !== false && things.length > 1);
  const puttingDown = new Set(acts.filter((act) => isUndoneByFetching(act, trace, fetching)).map(({ verb }) => verb));
  if (fetching.size === 0) return new Map();
  const delivery = acts.findLast(
    ({ things: [, place = ''], verb }) => !fetching.has(verb) && namesClass(goal, classOf(place)),
  );
  if (puttingDown.size === 0 && delivery !== undefined) puttingDown.add(delivery.verb);
  return new Map(
    acts.map((act): [number, Handling] => {
      if (fetching.has(act.verb)) return [act.index, 'fetch'];
      return [act.index, puttingDown.has(act.verb) ? 'put-down' : 'treatment'];
    }),
  );
}

/** Words for getting a thing from where it was found. */
export function fetchVerbs({ steps, found }: Trace): ReadonlySet<string> {
  const fetched = steps.filter(
    ({ effect, things: [thing, place] }) => effect !== false && thing && found.get(thing)?.fact.object === place,
  );
  return new Set(fetched.map(({ verb }) => verb));
}

function isUndoneByFetching(act: TraceStep, { steps }: Trace, fetching: ReadonlySet<string>): boolean {
  if (fetching.has(act.verb)) return false;
  const [thing, place] = act.things;
  const fetches = (action: string): boolean =>
    [...fetching].some((verb) => action.toLowerCase().startsWith(`${verb} ${thing} `)) && action.endsWith(` ${place}`);
  if (act.admissible !== undefined) return act.admissible.some(fetches);
  const next = steps.find(({ index, effect, things }) => index > act.index && effect !== false && things[0] === thing);
  return next !== undefined && fetches(next.action);
}
