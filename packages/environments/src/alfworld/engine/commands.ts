import { applicableOperations } from './action.ts';
import type { Grammar } from './grammar.ts';
import { bindingsOf, type CompiledAction, type Operation } from './operation.ts';
import type { Reachability } from './reachability.ts';
import { RelationMemo } from './relation-memo.ts';
import { tell, toldSlots } from './tell.ts';
import type { State, World } from './world.ts';

/** The commands a state allows: texts by code point, each once, with the operation of the first action that is written so. */
export interface Commands {
  readonly texts: readonly string[];
  readonly operations: readonly Operation[];
}

/** Finds the commands of states; one for each compiled game, shared by its plays. */
export type CommandFinder = (state: State) => Commands;

/**
 * A finder that computes only what changed. Actions that depend on the same changing relations form a group; a group's commands are kept by
 * the identity of those relations, and so are those of whole states. Going somewhere again, or looking around, then costs a look-up.
 *
 * @param changing - the slots that some action writes.
 */
export function commandFinder(
  world: World,
  reachability: Reachability,
  grammar: Grammar,
  actions: readonly CompiledAction[],
  changing: ReadonlySet<number>,
): CommandFinder {
  const groups = new Map<string, { readonly actions: CompiledAction[]; readonly memo: RelationMemo<Commands> }>();
  const all = new Set<number>();
  for (const action of actions) {
    const told = toldSlots(action.template, grammar, world);
    const reads = action.branches.flatMap((branch) => branch.join.reads).concat(told);
    const slots = [...new Set(reads)].filter((slot) => changing.has(slot)).sort((a, b) => a - b);
    const key = slots.join(' ');
    const group = groups.get(key) ?? {
      actions: [] as CompiledAction[],
      memo: new RelationMemo<Commands>(slots, capacity),
    };
    group.actions.push(action);
    groups.set(key, group);
    for (const slot of slots) all.add(slot);
  }
  const ofState = new RelationMemo<Commands>([...all], capacity);
  const lists = (state: State) =>
    [...groups.values()].map((group) =>
      group.memo.get(state, () => commandsOf(group.actions, world, reachability, grammar, state)),
    );
  return (state) => ofState.get(state, () => merged(lists(state)));
}

/** How many results are kept of each group, and of whole states. */
const capacity = 64;

function commandsOf(
  actions: readonly CompiledAction[],
  world: World,
  reachability: Reachability,
  grammar: Grammar,
  state: State,
): Commands {
  const found = new Map<string, Operation>();
  for (const action of actions) {
    for (const operation of applicableOperations(action, world, reachability, state)) {
      const text = tell(action.template, grammar, world, state, bindingsOf(operation));
      if (!found.has(text)) found.set(text, operation);
    }
  }
  const texts = [...found.keys()].sort();
  return { texts, operations: texts.map((text) => found.get(text) as Operation) };
}

/** All lists as one. Of equal texts the one whose action stands first in the domain stays. */
function merged(lists: readonly Commands[]): Commands {
  const texts: string[] = [];
  const operations: Operation[] = [];
  const heads = lists.map(() => 0);
  for (;;) {
    let least: string | undefined;
    let operation: Operation | undefined;
    for (let list = 0; list < lists.length; list += 1) {
      const { texts: candidates, operations: theirs } = lists[list] as Commands;
      const head = heads[list] as number;
      const text = candidates[head];
      if (text === undefined || (least !== undefined && text > least)) continue;
      const its = theirs[head] as Operation;
      if (text === least && its.action.position > (operation as Operation).action.position) continue;
      least = text;
      operation = its;
    }
    if (least === undefined) return { texts: Object.freeze(texts), operations };
    texts.push(least);
    operations.push(operation as Operation);
    for (let list = 0; list < lists.length; list += 1) {
      if ((lists[list] as Commands).texts[heads[list] as number] === least) heads[list] = (heads[list] as number) + 1;
    }
  }
}
