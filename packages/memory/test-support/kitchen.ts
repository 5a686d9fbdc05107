import type { DistilContext } from '../src/distillation/distiller.ts';
import { trustedByDefault } from '../src/distillation/evidence.ts';

/** One line of a told episode: the action, what came of it, and whether the world changed (`!` before the action: it did not). */
export type Line = readonly [action: string, observation?: string];

const seenAt = /(?:On|In) the ([a-z]+ \d+), you see ([^.]*)\./gu;

/** Steps as an environment with facts would record them: facts from the text, a state key that moves on with every change. */
export function told(lines: readonly Line[]) {
  let state = 0;
  return lines.map(([marked, observation = 'Done.']) => {
    const changed = !marked.startsWith('!');
    if (changed) state += 1;
    const facts = [...observation.matchAll(seenAt)].flatMap(([, place = '', list = '']) =>
      (list.match(/[a-z]+ \d+/gu) ?? []).map((subject) => ({ subject, relation: 'in', object: place })),
    );
    const action = changed ? marked : marked.slice(1);
    return { action, observation: changed ? observation : 'Nothing happens.', facts, changed, stateKey: String(state) };
  });
}

/** What a kitchen looks like at first. */
export const kitchenView =
  'You see a cabinet 1, a cabinet 2, a countertop 1, a drawer 1, a fridge 1, a microwave 1, a microwave 2, and a sinkbasin 1.';

export function aContext(changes: Partial<DistilContext> = {}): DistilContext {
  return { namespace: 'default', now: 5_000, demonstrations: [], trusted: new Set(trustedByDefault), ...changes };
}
