import type { Binding } from './answers.ts';
import type { Branch, CompiledAction } from './action.ts';

/** An action with its arguments filled in. */
export interface Operation {
  readonly action: CompiledAction;
  /** The disjunct of the precondition that allows it; the first, when several do. */
  readonly branch: Branch;
  /** Objects for the parameters. */
  readonly args: readonly number[];
  /** Objects for all variables of the branch: the parameters, then what it quantifies. */
  readonly bindings: readonly number[];
}

/** The arguments as the text rules see them. */
export function bindingsOf({ action, args }: Operation): Binding | undefined {
  let bindings: Binding | undefined;
  for (let at = 0; at < action.parameters.length; at += 1) {
    const { name, type } = action.parameters[at] as { name: string; type: string };
    bindings = { name, type, object: args[at] ?? 0, objectType: type, next: bindings };
  }
  return bindings;
}
