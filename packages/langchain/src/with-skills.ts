import { type Runnable, RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables';

import type { Core, TaskOption } from './core.ts';
import { recallSkills } from './recall-skills.ts';

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
  const skills = RunnableLambda.from(query).pipe(recallSkills(core, namespace));
  return RunnablePassthrough.assign<Input>({ [key]: skills }).pipe(runnable) as Runnable<Input, Output>;
}
