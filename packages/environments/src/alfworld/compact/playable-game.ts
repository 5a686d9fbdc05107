import type { HouseRules } from '../houses/index.ts';
import { parseGoal } from '../expert/goal.ts';
import type { Goal } from '../expert/goal.ts';

/** The six kinds of task, in the short names that tables use. */
export type TaskKind = 'look' | 'pick' | 'clean' | 'cool' | 'heat' | 'pick2';

/** An object and where it lies. */
export interface Placement {
  /** `mug 1` */
  readonly object: string;
  /** `cabinet 3` */
  readonly receptacle: string;
}

/** A game as the generator of demonstrations and the evaluations use it. `truth` and `rules` are privileged: no player sees them. */
export interface PlayableGame {
  readonly id: string;
  readonly source: 'official' | 'generated';
  /** Games of one family share a house, its habits and its rules. */
  readonly family?: string;
  readonly instruction: string;
  readonly kind: TaskKind;
  /** A plan that wins, found with full knowledge; empty when none is at hand. */
  readonly walkthrough: readonly string[];
  readonly firstObservation: string;
  /** Privileged: where every object lies at the start. */
  readonly truth: readonly Placement[];
  /** Privileged: what can only be learned in this house. */
  readonly rules?: HouseRules;
  /** What a made-up verb of the instruction means; absent for plain instructions. */
  readonly madeUp?: { readonly verb: string; readonly means: 'heat' | 'cool' | 'clean' };
  /** Begins a new play. */
  start(): GameSession;
}

export interface GameSession {
  step(command: string): { readonly observation: string; readonly won: boolean };
}

/** The short name of a goal's kind; `means` tells what a made-up verb stands for. */
export function kindOf(goal: Goal, means?: 'heat' | 'cool' | 'clean'): TaskKind {
  if (goal.kind === 'look') return 'look';
  if (goal.count === 2) return 'pick2';
  return goal.treatment ?? means ?? 'pick';
}

/** The goal of a game. @throws {RangeError} when its instruction is of no known type. */
export function goalOf(game: PlayableGame): Goal {
  const goal = parseGoal(game.instruction);
  if (!goal) throw new RangeError(`No goal of a known type: ${game.instruction}`);
  return goal;
}
