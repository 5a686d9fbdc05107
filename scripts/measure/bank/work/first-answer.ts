import { generatedTask } from '../generated-entries.ts';
import { openBank } from './bank.ts';

export interface FirstAnswerInput {
  readonly folder: string;
  readonly isSaved: boolean;
}

export interface FirstAnswerResult {
  /** Since the process began: Node's start, loading the packages, opening, answering. ms. */
  readonly sinceStartMs: number;
  /** Of these, opening the bank and answering. */
  readonly openMs: number;
  /** Processor time of all its threads until then, ms. */
  readonly processorMs: number;
  /** Why the answer is less than whole, if it is. */
  readonly degraded?: string;
}

/** Opens a bank and recalls once. */
export async function work({ folder, isSaved }: FirstAnswerInput): Promise<FirstAnswerResult> {
  const begun = performance.now();
  const { recaller, close } = openBank(folder, { isSaved });
  const { recall } = await recaller.recall({ task: generatedTask(1) });
  const sinceStartMs = performance.now();
  const { user, system } = process.cpuUsage();
  await close();
  const processorMs = (user + system) / 1000;
  return { sinceStartMs, openMs: sinceStartMs - begun, processorMs, degraded: recall.degraded };
}
