import { InputError } from '@skillrl/core';
import { openSkillMemory } from '../open-skill-memory.ts';
import type { CommandContext } from './context.ts';

const saidWords = { success: 1, failure: 0 } as const;

/** `episodes outcome`: a person's word on how an episode ended. It counts where no environment and no grader said anything. */
export async function sayOutcome(
  { config, output }: CommandContext,
  _options: object,
  [id = '', said = '']: readonly string[],
): Promise<void> {
  const score = scoreOf(said);
  await using memory = await openSkillMemory(config.folder, config);
  await memory.outcome(id, score);
  output.data({ id, score, source: 'user' });
  output.line(
    `${id}: ${score === 1 ? 'a success' : `a failure with score ${score}`}, by your word. skillrl learn takes it up.`,
  );
}

function scoreOf(said: string): number {
  const score = said in saidWords ? saidWords[said as keyof typeof saidWords] : said === '' ? NaN : Number(said);
  if (score >= 0 && score <= 1) return score;
  throw new InputError({
    code: 'GRADE_INVALID',
    message: `'${said}' is no outcome.`,
    hint: 'Say success, failure, or a score from 0 to 1.',
  });
}
