import type { Commands } from './commands.ts';
import type { CompiledGame } from './compile-game.ts';
import { applyChanges, changesOf } from './effects.ts';
import { Hash } from './hash.ts';
import { holds, type Join } from './join.ts';
import { bindingsOf } from './operation.ts';
import { tellChanges } from './operator-effects.ts';
import { readSymbols } from './production.ts';
import type { Relation } from './relation.ts';
import { strip } from './strip.ts';
import { tell } from './tell.ts';
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
  /** Whether the goal holds. */
  isWon(): boolean;
  /** Equal for equal states of a game, what nobody can observe left out; 16 hexadecimal digits. */
  stateKey(): string;
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
  #commands: Commands | undefined;
  #won: boolean | undefined;

  constructor(game: CompiledGame, state: State) {
    this.#game = game;
    this.#state = state;
  }

  reset(): Turn {
    this.#enter(this.#game.initial);
    return this.#turn(tell(intro, this.#game.grammar, this.#game.world, this.#state, undefined));
  }

  step(command: string): Turn {
    const { texts, operations } = (this.#commands ??= this.#game.commandsOf(this.#state));
    const operation = operations[indexOf(texts, strip(command))];
    if (operation === undefined) return this.#turn('Nothing happens.');
    const { world, grammar, reachability } = this.#game;
    const { effects, feedback } = operation.action;
    const before = this.#state;
    const after = applyChanges(world, before, changesOf(effects, world, before, operation.args));
    tellChanges(operation, world, reachability, before, after);
    this.#enter(after);
    return this.#turn(tell(feedback, grammar, world, this.#state, bindingsOf(operation)));
  }

  isWon(): boolean {
    return (this.#won ??= this.#game.goal.some((join) => holds(join, this.#state, unbound(join))));
  }

  stateKey(): string {
    const key = new Hash();
    for (const slot of this.#game.changing) {
      const { high, low } = (this.#state[slot] as Relation).hash;
      key.addPair(high, low);
    }
    return key.text();
  }

  snapshot(): GameSnapshot {
    return this.#state as unknown as GameSnapshot;
  }

  restore(snapshot: GameSnapshot): void {
    this.#enter(snapshot as unknown as State);
  }

  fork(): GamePlay {
    return new Play(this.#game, this.#state);
  }

  #enter(state: State): void {
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    this.#commands = undefined;
    if (this.#game.goalReads.some((slot) => state[slot] !== before[slot])) this.#won = undefined;
  }

  #turn(observation: string): Turn {
    const done = this.isWon();
    const { texts } = (this.#commands ??= this.#game.commandsOf(this.#state));
    return { observation, admissible: texts, score: done ? 1 : 0, done };
  }
}

function unbound(join: Join): number[] {
  return join.variables.map(() => -1);
}

function indexOf(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === text ? low : -1;
}
