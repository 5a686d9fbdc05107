import type { Environment, Policy } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { chatModel } from '../models.ts';

import type { Config } from '../config.ts';
import { type ArmName, armPolicy } from './arms.ts';
import { type GamesSource, openGamesFrom } from './games.ts';

/** Everything a thread needs to play on its own; survives being sent to another thread. */
export interface PlaySetup {
  readonly config: Config;
  readonly games: GamesSource;
  /** The database whose bank the arms read. */
  readonly database: string;
  readonly revision: number;
}

export interface Play {
  readonly environment: Environment;
  policy(arm: string): Promise<Policy>;
  close(): Promise<void>;
}

/** Opens model, environment and bank for playing; policies of arms are made on first use. */
export async function openPlay({ config, games, database, revision }: PlaySetup): Promise<Play> {
  const { environment } = await openGamesFrom(games);
  const model = chatModel(config.model);
  const store = sqlite({ path: database });
  const policies = new Map<string, Promise<Policy>>();
  return {
    environment,
    policy(arm) {
      const known =
        policies.get(arm) ??
        armPolicy(arm as ArmName, { model, entries: store.entries, episodes: store.episodes, revision, config });
      policies.set(arm, known);
      return known;
    },
    async close() {
      await model.close?.();
      await environment.close();
      await store.close();
    },
  };
}
