import { generatedTask } from '../generated-entries.ts';
import { residentMb, timeSearches, type PassOptions, type SearchTimes } from '../per-query.ts';
import { openBank } from './bank.ts';

export interface RecallInput extends PassOptions {
  readonly folder: string;
  readonly tasks: number;
}

export interface RecallResult extends SearchTimes {
  /** Entries shown for a task, on average. */
  readonly shown: number;
  /** What the process grew by, MB. */
  readonly memoryMb: number;
}

/** Recalls for each task, whose embedding is known from the pass that does not count. */
export async function work(input: RecallInput): Promise<RecallResult> {
  const before = residentMb();
  const { recaller, prepare, close } = openBank(input.folder, { embedTimeoutMs: 60_000 });
  await prepare();
  const tasks = Array.from({ length: input.tasks }, (_, number) => generatedTask(number));
  const { times, hits } = await timeSearches(tasks.length, (at) => recaller.recall({ task: tasks[at]! }), input);
  const degraded = hits.map(({ recall }) => recall.degraded).find((reason) => reason !== undefined);
  if (degraded !== undefined) throw new Error(`a recall was less than whole: ${degraded}`);
  const memoryMb = residentMb() - before;
  await close();
  return { ...times, shown: hits.reduce((sum, { entries }) => sum + entries.length, 0) / hits.length, memoryMb };
}
