import { setTimeout as sleep } from 'node:timers/promises';

import { temporaryFolder } from '@skillrl/testing';

import { readTrainerState, trainerPlaces, type TrainerState } from '../src/jobs/trainer-places.ts';
import { superviseTrainer, trainerPython } from '../src/jobs/trainer-process.ts';

/** The trainer service under its supervisor, in a folder of its own. */
export interface RunningTrainer {
  /** Of the process that answers now. */
  state(): TrainerState;
  /** Kills the service with -9 and waits for the next one. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes the Python environment on first use, which takes minutes. */
export async function startTrainer(): Promise<RunningTrainer> {
  const places = trainerPlaces(temporaryFolder());
  const stop = new AbortController();
  const python = await trainerPython(() => undefined, stop.signal);
  const running = superviseTrainer(python, places, {}, stop.signal);
  let state = await ready((found) => found !== undefined);

  async function ready(isIt: (found: TrainerState | undefined) => boolean): Promise<TrainerState> {
    for (let tries = 0; tries < 1_800; tries += 1) {
      const found = readTrainerState(places);
      if (found !== undefined && isIt(found)) return found;
      await Promise.race([sleep(100), running]);
    }
    throw new Error('The trainer service was not ready within three minutes.');
  }

  return {
    state: () => state,
    async kill() {
      const { pid } = state;
      process.kill(pid, 'SIGKILL');
      state = await ready((found) => found?.pid !== pid);
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}
