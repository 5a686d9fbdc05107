import { applicableOperations, changesOf, type Operation } from './action.ts';
import type { CompiledGame } from './compile-game.ts';
import { applyChanges } from './effects.ts';
import { holds } from './join.ts';
import { readSymbols } from './production.ts';
import { tell, type Binding } from './tell.ts';
import type { State } from './world.ts';

/** What a game shows after a command, or after its reset. */
export interface Turn {
  readonly observation: string;
  /** Commands that are understood now, sorted by code point. */
  readonly admissible: readonly string[];
  readonly score: 0 | 1;
  readonly done: boolean;
}

declare const snapshotBrand: unique symbol;

/** A state of a game, to be restored in any play of the same compiled game. Plain and immutable. */
export interface GameSnapshot {
  readonly [snapshotBrand]: true;
}

/** One play of a game: a pure function of the commands so far. */
export interface GamePlay {
  /** Back to the beginning. */
  reset(): Turn;
  /** Commands are trimmed and then compared exactly. One that is not admissible changes nothing: `Nothing happens.` */
  step(command: string): Turn;
  snapshot(): GameSnapshot;
  restore(snapshot: GameSnapshot): void;
  /** A play of its own from the same state. */
  fork(): GamePlay;
}

/** Starts a play; it is at the beginning, as after `reset`. */
export function playGame(game: CompiledGame): GamePlay {
  return new Play(game, game.initial);
}

const intro = readSymbols('#intro#');

class Play implements GamePlay {
  readonly #game: CompiledGame;
  #state: State;
  #commands: ReadonlyMap<string, Operation> | undefined;

  constructor(game: CompiledGame, state: State) {
    this.#game = game;
    this.#state = state;
  }

  reset(): Turn {
    this.#state = this.#game.initial;
    this.#commands = undefined;
    return this.#turn(tell(intro, this.#game.grammar, this.#game.world, this.#state, undefined));
  }

  step(command: string): Turn {
    const operation = this.#admissible().get(command.trim());
    if (operation === undefined) return this.#turn('Nothing happens.');
    const { world, grammar } = this.#game;
    this.#state = applyChanges(world, this.#state, changesOf(operation, world, this.#state));
    this.#commands = undefined;
    return this.#turn(tell(operation.action.feedback, grammar, world, this.#state, bindingsOf(operation)));
  }

  snapshot(): GameSnapshot {
    return this.#state as unknown as GameSnapshot;
  }

  restore(snapshot: GameSnapshot): void {
    this.#state = snapshot as unknown as State;
    this.#commands = undefined;
  }

  fork(): GamePlay {
    return new Play(this.#game, this.#state);
  }

  #turn(observation: string): Turn {
    const done = this.#game.goal.some((join) =>
      holds(
        join,
        this.#state,
        join.variables.map(() => -1),
      ),
    );
    return { observation, admissible: [...this.#admissible().keys()].sort(), score: done ? 1 : 0, done };
  }

  #admissible(): ReadonlyMap<string, Operation> {
    if (this.#commands !== undefined) return this.#commands;
    const { world, grammar, actions } = this.#game;
    const commands = new Map<string, Operation>();
    for (const action of actions) {
      for (const operation of applicableOperations(action, world, this.#state)) {
        const text = tell(action.template, grammar, world, this.#state, bindingsOf(operation));
        if (!commands.has(text)) commands.set(text, operation);
      }
    }
    this.#commands = commands;
    return commands;
  }
}

function bindingsOf({ action, args }: Operation): Binding | undefined {
  let bindings: Binding | undefined;
  action.parameters.forEach(({ name, type }, at) => {
    bindings = { name, type, object: args[at] ?? 0, objectType: type, next: bindings };
  });
  return bindings;
}
