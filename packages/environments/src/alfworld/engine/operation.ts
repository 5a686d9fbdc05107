import type { Binding } from './answers.ts';
import type { CompiledEffect } from './effects.ts';
import type { Join, Term } from './join.ts';
import type { TextSymbol } from './production.ts';

/** An action of the domain, made ready for one game. */
export interface CompiledAction {
  readonly name: string;
  /** Position in the domain. */
  readonly position: number;
  /** Parameters without their question mark. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly branches: readonly Branch[];
  readonly effects: readonly CompiledEffect[];
  readonly template: readonly TextSymbol[];
  readonly feedback: readonly TextSymbol[];
}

/** A disjunct of an action's precondition. */
export interface Branch {
  readonly join: Join;
  readonly literals: readonly BranchLiteral[];
  /** True when some effect can never be void, so that no operation is a no-op. */
  readonly alwaysActs: boolean;
}

/** A literal of a branch on a predicate that the action changes, kept to find effects that change nothing. */
export interface BranchLiteral {
  readonly predicate: string;
  readonly terms: readonly Term[];
  readonly negated: boolean;
}

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
