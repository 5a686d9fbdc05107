import { generatedTask } from '../generated-entries.ts';
import { openBank } from './bank.ts';

export interface FirstAnswerResult {
  /** Since the process began: Node's start, loading the packages, opening, answering. ms. */
  readonly sinceStartMs: number;
  /** Of these, opening the bank and answering. */
  readonly openMs: number;
  /** Why the answer is less than whole, if it is. */
  readonly degraded?: string;
}

/** Opens a bank and recalls once. */
export async function work({ folder }: { readonly folder: string }): Promise<FirstAnswerResult> {
  const begun = performance.now();
  const { recaller, close } = openBank(folder);
  const { recall } = await recaller.recall({ task: generatedTask(1) });
  const sinceStartMs = performance.now();
  await close();
  return { sinceStartMs, openMs: sinceStartMs - begun, degraded: recall.degraded };
}
