import type { CompiledAction } from './action.ts';
import type { Binding } from './answers.ts';

/** An action with its arguments filled in. */
export interface Operation {
  readonly action: CompiledAction;
  readonly args: readonly number[];
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
