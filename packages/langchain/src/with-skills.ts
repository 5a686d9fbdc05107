import { type Runnable, RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables';
import type { Recaller } from '@skillrl/memory';

import type { Core, TaskOption } from './core.ts';

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
  const recaller: Recaller = core.memoryOf(namespace ?? core.memory.namespace).recaller;
  const skills = RunnableLambda.from(async (input: Input): Promise<string> => {
    try {
      const task = core.taskOf(query(input));
      return (await recaller.recall({ task, budgetTokens: core.options.budgetTokens })).text;
    } catch (error) {
      core.onError('read the memory', error);
      return '';
    }
  }).withConfig({ runName: 'recall_skills' });
  return RunnablePassthrough.assign<Input>({ [key]: skills }).pipe(runnable) as Runnable<Input, Output>;
}
