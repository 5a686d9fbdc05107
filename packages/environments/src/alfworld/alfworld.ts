import {
  type Environment,
  EnvironmentError,
  type EnvironmentSession,
  type ObservationDetails,
  type Task,
  type TimeStep,
} from '@skillrl/core';

import {
  type CompiledGame,
  compileGame,
  type GameFile,
  type GamePlay,
  type GameSnapshot,
  playGame,
  type Turn,
} from './engine/index.ts';
import { observedFacts } from './observed-facts.ts';

/** A game, and what an agent is told about it before it begins. */
export interface AlfworldGame {
  readonly id: string;
  /** As the game prints it, without `Your task is to:`. */
  readonly instruction: string;
  /** Where it is played, such as a house's id. */
  readonly family?: string;
  readonly type?: string;
  readonly split?: string;
  /** Read when the game is played for the first time. */
  readonly file: GameFile | (() => Promise<GameFile>);
}

export interface AlfworldOptions {
  readonly games: readonly AlfworldGame[];
  /** The tasks' own step limit: reaching it is a failure. Default 50, as the benchmark has it. */
  readonly maxSteps?: number;
  /** Compiled games that are kept. Default 200. */
  readonly keep?: number;
}

/** ALFWorld's games as an environment. Sessions are pure functions of their commands: seeds change nothing. */
export function alfworld({ games, maxSteps = 50, keep = 200 }: AlfworldOptions): Environment {
  const byId = new Map(games.map((game) => [game.id, game]));
  const compiled = new Map<string, Promise<CompiledGame>>();

  const gameOf = (id: string): AlfworldGame => {
    const game = byId.get(id);
    if (game === undefined) {
      throw new EnvironmentError({
        code: 'TASK_UNKNOWN',
        message: `There is no ALFWorld game '${id}' among the ${games.length} that were opened.`,
        hint: 'skillrl env list alfworld shows the names.',
      });
    }
    return game;
  };
  const taskOf = ({ id, instruction, family, type, split }: AlfworldGame): Task => ({
    id,
    environment: 'alfworld',
    instruction,
    family,
    type,
    split,
    domainKind: 'convergent',
    maxSteps,
  });
  const load = (id: string): Promise<CompiledGame> => {
    const { file } = gameOf(id);
    const game = compiled.get(id) ?? Promise.resolve(typeof file === 'function' ? file() : file).then(compileGame);
    compiled.delete(id);
    compiled.set(id, game);
    const [oldest] = compiled.keys();
    if (compiled.size > keep && oldest !== undefined) compiled.delete(oldest);
    return game;
  };

  return {
    name: 'alfworld',
    description: 'household tasks in text: the official games, and generated houses worth remembering',
    tasks: async ({ split, type, family, limit } = {}) =>
      games
        .filter(
          (game) =>
            (split === undefined || game.split === split) &&
            (type === undefined || game.type === type) &&
            (family === undefined || game.family === family),
        )
        .slice(0, limit)
        .map(taskOf),
    task: async (id) => taskOf(gameOf(id)),
    start: async (task, { signal } = {}) => {
      const game = await load(task.id);
      signal?.throwIfAborted();
      return startSession(playGame(game), task.maxSteps ?? maxSteps);
    },
    close: async () => compiled.clear(),
  };
}

interface SessionSnapshot {
  readonly state: GameSnapshot;
  readonly steps: number;
  readonly ended: boolean;
}

function startSession(play: GamePlay, maxSteps: number): EnvironmentSession {
  const opening = play.reset();
  let steps = 0;
  let ended = opening.done;
  let stateKey = play.stateKey();
  const details = (turn: Turn, before: string): ObservationDetails => ({
    facts: observedFacts(turn.observation),
    stateKey,
    changed: stateKey !== before,
    admissible: turn.admissible,
  });
  return {
    first: { type: 'first', observation: opening.observation, ...details(opening, stateKey) },
    async step(action): Promise<Exclude<TimeStep, { type: 'first' }>> {
      if (ended)
        throw new EnvironmentError({
          code: 'EPISODE_ENDED',
          message: 'The episode is over: the game was won or its steps are used up.',
          hint: 'Start a new session.',
        });
      const before = stateKey;
      const turn = play.step(action);
      stateKey = play.stateKey();
      steps += 1;
      ended = turn.done || steps >= maxSteps;
      const answer = { observation: turn.observation, reward: turn.score, ...details(turn, before) };
      return ended
        ? { type: 'last', ...answer, ended: 'terminated', success: turn.done, score: turn.score }
        : { type: 'mid', ...answer };
    },
    snapshot: (): SessionSnapshot => ({ state: play.snapshot(), steps, ended }),
    restore(snapshot) {
      const known = snapshot as SessionSnapshot;
      play.restore(known.state);
      ({ steps, ended } = known);
      stateKey = play.stateKey();
    },
    close: async () => {},
  };
}
