import type { Environment, Policy } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { configuredModel } from '../models.ts';

import type { Config } from '../config.ts';
import { type ArmName, armPolicy } from './arms.ts';
import { type GamesSource, openGamesFrom } from './games.ts';
import { openTrainingGames, type TrainingGames } from './train-games.ts';

/** Everything a thread needs to play on its own; survives being sent to another thread. */
export interface PlaySetup {
  readonly config: Config;
  readonly games: GamesSource | TrainingGames;
  /** The database whose bank the arms read. */
  readonly database: string;
  readonly revision: number;
}

/** What plays from now on: another version of the model, another state of the bank, another way of sampling. */
export interface Serving {
  readonly model: string;
  readonly revision: number;
  readonly temperature: number;
}

export interface Play {
  readonly environment: Environment;
  policy(arm: string): Promise<Policy>;
  /** Loads what is to play from now on. Between episodes only. */
  serve(serving: Serving): Promise<void>;
  close(): Promise<void>;
}

/** Opens model, environment and bank for playing; policies of arms are made on first use. */
export async function openPlay({ config: settings, games, database, revision: first }: PlaySetup): Promise<Play> {
  const { environment } = await (games.kind === 'training' ? openTrainingGames(games) : openGamesFrom(games));
  const store = sqlite({ path: database });
  const policies = new Map<string, Promise<Policy>>();
  let config = settings;
  let revision = first;
  let model = configuredModel(config);
  return {
    environment,
    policy(arm) {
      const known =
        policies.get(arm) ??
        armPolicy(arm as ArmName, { model, entries: store.entries, episodes: store.episodes, revision, config });
      policies.set(arm, known);
      return known;
    },
    async serve(serving) {
      policies.clear();
      revision = serving.revision;
      const isSame = serving.model === config.model;
      config = { ...config, model: serving.model, temperature: serving.temperature };
      if (isSame) return;
      await model.close?.();
      model = configuredModel(config);
    },
    async close() {
      await model.close?.();
      await environment.close();
      await store.close();
    },
  };
}
