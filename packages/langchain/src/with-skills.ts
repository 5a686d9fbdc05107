import { type Runnable, RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables';

import type { Core, TaskOption } from './core.ts';
import { within } from './within.ts';

export interface WithSkillsOptions<Input> {
  /** What the input asks for. */
  readonly query: (input: Input) => TaskOption;
  /** Where the block goes in the runnable's input; an empty text when there is nothing. Default `skills`. */
  readonly key?: string;
  readonly namespace?: string;
}

/**
 * A runnable whose input carries what the memory has about it, as a text under `key`. The text is a value, so braces in it are safe in a
 * prompt template. Where the memory cannot be read, the text is empty and the run goes on.
 */
export function runnableWithSkills<Input extends Record<string, unknown>, Output>(
  core: Core,
  runnable: Runnable<Input & Record<string, unknown>, Output>,
  { query, key = 'skills', namespace }: WithSkillsOptions<Input>,
): Runnable<Input, Output> {
  const recaller = core.recallerOf(core.memoryOf(namespace ?? core.memory.namespace));
  const skills = RunnableLambda.from(async (input: Input): Promise<string> => {
    try {
      const task = core.taskOf(query(input));
      const recalling = recaller.recall({ task, budgetTokens: core.options.budgetTokens });
      return (await within(core.options.timeoutMs ?? 2_000, 'the recall', recalling)).text;
    } catch (error) {
      core.onError('read the memory', error);
      return '';
    }
  }).withConfig({ runName: 'recall_skills' });
  return RunnablePassthrough.assign<Input>({ [key]: skills }).pipe(runnable) as Runnable<Input, Output>;
}
