import type { Environment, Policy } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { configuredModel } from '../models.ts';

import type { Config } from '../config.ts';
import { type ArmName, armPolicy, sidePolicy } from './arms.ts';
import { type GamesSource, openGamesFrom } from './games.ts';
import { openTrainingSets, type TrainingSets } from './train-sets.ts';

/** Everything a thread needs to play on its own; survives being sent to another thread. */
export interface PlaySetup {
  readonly config: Config;
  readonly games: GamesSource | TrainingSets;
  /** The database whose bank the arms read. */
  readonly database: string;
  readonly revision: number;
}

/** What plays from now on: another version of the model, another state of the bank, another way of sampling. */
export interface Serving {
  readonly model: string;
  readonly revision: number;
  readonly temperature: number;
  /** Of a training run: whether what is played are the halves of groups that are trained on. */
  readonly isHalf: boolean;
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
  const { environment } = await (games.kind === 'training' ? openTrainingSets(games) : openGamesFrom(games));
  const store = sqlite({ path: database });
  const policies = new Map<string, Promise<Policy>>();
  let config = settings;
  let revision = first;
  let isHalf = false;
  let model = configuredModel(config);
  return {
    environment,
    policy(arm) {
      const ports = { model, entries: store.entries, episodes: store.episodes, revision, config };
      const known =
        policies.get(arm) ??
        (games.kind === 'training' ? sidePolicy(arm, isHalf, ports) : armPolicy(arm as ArmName, ports));
      policies.set(arm, known);
      return known;
    },
    async serve(serving) {
      policies.clear();
      revision = serving.revision;
      isHalf = serving.isHalf;
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
