import { readSupervisor, trainerPlaces } from './trainer-places.ts';
import { superviseTrainer, trainerPython, untilReady } from './trainer-process.ts';

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
  const keeper = readSupervisor(places);
  if (keeper?.keeper === 'run')
    onProgress(
      `The trainer is another training run's (process ${keeper.pid}) and ends with it; skillrl trainer start, before the runs, keeps one for all.`,
    );
  const supervision =
    keeper === undefined
      ? superviseTrainer(await trainerPython(onProgress, signal), places, { keeper: 'run' }, stop.signal)
      : undefined;
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

/** Rejects when the work does, and never resolves. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => {});
}
