import { EnvironmentError, type ObservationDetails, type TimeStep } from '@skillrl/core';
import { playGame, type CompiledGame, type GamePlay, type GameSnapshot, type Turn } from './engine/index.ts';
import { observedFacts } from './observed-facts.ts';

/** What follows an action. */
export type NextStep = Exclude<TimeStep, { type: 'first' }>;

export interface SessionSnapshot {
  readonly state: GameSnapshot;
  readonly steps: number;
}

/** One play of a game within its step limit, in this thread. The limit is part of the task: reaching it is a failure. */
export class GameSession {
  readonly first: Extract<TimeStep, { type: 'first' }>;
  readonly #play: GamePlay;
  readonly #maxSteps: number;
  #steps = 0;
  #won = false;
  #stateKey: string;

  constructor(game: CompiledGame, maxSteps: number) {
    this.#play = playGame(game);
    this.#maxSteps = maxSteps;
    const turn = this.#play.reset();
    this.#stateKey = this.#play.stateKey();
    this.first = { type: 'first', observation: turn.observation, ...this.#details(turn, false) };
  }

  /** @throws {EnvironmentError} `EPISODE_ENDED` */
  step(action: string): NextStep {
    if (this.#won || this.#steps >= this.#maxSteps) throw episodeEnded(this.#won, this.#maxSteps);
    const before = this.#stateKey;
    const turn = this.#play.step(action);
    this.#stateKey = this.#play.stateKey();
    this.#steps += 1;
    this.#won = turn.done;
    const details = this.#details(turn, this.#stateKey !== before);
    const { observation, done: success, score } = turn;
    if (!success && this.#steps < this.#maxSteps) return { type: 'mid', observation, reward: 0, ...details };
    return { type: 'last', observation, reward: score, ended: 'terminated', success, score, ...details };
  }

  snapshot(): SessionSnapshot {
    return { state: this.#play.snapshot(), steps: this.#steps };
  }

  restore({ state, steps }: SessionSnapshot): void {
    this.#play.restore(state);
    this.#steps = steps;
    this.#won = this.#play.isWon();
    this.#stateKey = this.#play.stateKey();
  }

  #details({ observation, admissible }: Turn, changed: boolean): ObservationDetails {
    return { facts: observedFacts(observation), stateKey: this.#stateKey, changed, admissible };
  }
}

function episodeEnded(won: boolean, maxSteps: number): EnvironmentError {
  return new EnvironmentError({
    code: 'EPISODE_ENDED',
    message: won ? 'The game is won already.' : `The ${maxSteps} steps of the task are used up.`,
    hint: 'Start a new session of the task.',
  });
}
