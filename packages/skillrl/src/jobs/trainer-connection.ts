import {
  readTrainerState,
  superviseTrainer,
  supervisorPid,
  type TrainerPlaces,
  trainerPlaces,
  trainerPython,
  untilReady,
} from './trainer-process.ts';

export interface TrainerConnection {
  /** Where it answers; a service that is started anew is there again. */
  readonly url: string;
  readonly token: string;
  /** Ends the service if this connection started it. */
  close(): Promise<void>;
}

export interface ConnectTrainerOptions {
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The project's trainer service: the one that runs, or one that is started for as long as the connection is open. It ends with this process,
 * however that ends.
 *
 * @throws {ModelError} `TRAINER_MISSING`, `TRAINER_FAILED`, or what kept its Python environment from being made.
 */
export async function connectTrainer(
  folder: string,
  { onProgress, signal }: ConnectTrainerOptions,
): Promise<TrainerConnection> {
  const places = trainerPlaces(folder);
  const stop = new AbortController();
  const python = isThere(places) ? undefined : await trainerPython(onProgress, signal);
  const supervision = python === undefined ? undefined : superviseTrainer(python, places, {}, stop.signal);
  const close = async (): Promise<void> => {
    stop.abort();
    await supervision?.catch(() => undefined);
  };
  try {
    const waiting = supervision === undefined ? [] : [failureOf(supervision)];
    const { url, token } = await Promise.race([
      untilReady(places, signal, () => supervision !== undefined),
      ...waiting,
    ]);
    return { url, token, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function isThere(places: TrainerPlaces): boolean {
  return readTrainerState(places) !== undefined || supervisorPid(places) !== undefined;
}

/** Rejects when the work does, and never resolves. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => {});
}
