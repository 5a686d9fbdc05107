import { EnvironmentError, type Environment, type EnvironmentSession } from '@skillrl/core';
import { taskOf, type AlfworldGame } from './alfworld-game.ts';
import { CompiledGames } from './compiled-games.ts';
import { GameSession, type SessionSnapshot } from './game-session.ts';
import { sessionHost } from './session-host.ts';

export interface AlfworldOptions {
  /** The tasks, in this order; see `officialGame` and `houseGame`. */
  readonly games: readonly AlfworldGame[];
  /** The tasks' own step limit, counting commands that are not understood: reaching it is a failure. Default 50, as the benchmark has it. */
  readonly maxSteps?: number;
  /** Compiled games that are kept, in each thread. Default 200. */
  readonly keep?: number;
  /** Worker threads that run the games; 0: this thread. Default 0. */
  readonly threads?: number;
}

/**
 * ALFWorld's games as an environment: reward and score are 1 when the goal holds, else 0. Steps carry where things were seen (`facts`, from
 * the text alone), `stateKey`, `changed` and what is understood next (`admissible`). Sessions are pure functions of their commands: seeds
 * change nothing.
 */
export function alfworld({ games, maxSteps = 50, keep = 200, threads = 0 }: AlfworldOptions): Environment {
  const byId = new Map(games.map((game) => [game.id, game]));
  const compiled = new CompiledGames(keep);
  const host = threads > 0 ? sessionHost(threads, keep) : undefined;
  const gameOf = (id: string): AlfworldGame => {
    const game = byId.get(id);
    if (game === undefined) throw unknownTask(id, games.length);
    return game;
  };
  return {
    name: 'alfworld',
    description: 'household tasks in text: the official games, and generated houses worth remembering',
    async tasks({ split, type, family, limit } = {}) {
      const isWanted = (own: string | undefined, asked: string | undefined) => asked === undefined || own === asked;
      const found = games.filter(
        (game) => isWanted(game.split, split) && isWanted(game.type, type) && isWanted(game.family, family),
      );
      return found.slice(0, limit).map((game) => taskOf(game, maxSteps));
    },
    task: async (id) => taskOf(gameOf(id), maxSteps),
    async start(task, { signal } = {}) {
      const game = gameOf(task.id);
      const limit = task.maxSteps ?? maxSteps;
      const session = await (host === undefined
        ? compiled.get(game.id, game.file).then((ready) => localSession(new GameSession(ready, limit)))
        : host.start(game, limit));
      if (signal?.aborted) await session.close();
      signal?.throwIfAborted();
      return session;
    },
    async close() {
      compiled.clear();
      await host?.close();
    },
  };
}

function localSession(session: GameSession): EnvironmentSession {
  return {
    first: session.first,
    async step(action, { signal } = {}) {
      signal?.throwIfAborted();
      return session.step(action);
    },
    snapshot: () => session.snapshot(),
    restore: (snapshot) => session.restore(snapshot as SessionSnapshot),
    close: async () => {},
  };
}

function unknownTask(id: string, count: number): EnvironmentError {
  return new EnvironmentError({
    code: 'TASK_UNKNOWN',
    message: `There is no ALFWorld game '${id}' among the ${count} that were opened.`,
    hint: 'skillrl env list alfworld shows the names.',
  });
}
