import type { Command } from 'commander';

import { contentHash } from '@skillrl/core';

import { openSkillMemory } from '../open-skill-memory.ts';
import { action, type CommandContext, withEmbedder } from './context.ts';
import { describeRecall } from './describe-recall.ts';
import { countOption } from './option-values.ts';

interface ExplainOptions {
  readonly environment: string;
  readonly family?: string;
  readonly type?: string;
  readonly limit: number;
}

/** Adds `explain` to the commands of the bank. */
export function addExplainCommand(bank: Command): void {
  withEmbedder(bank.command('explain <instruction...>'))
    .description('what a task would recall, and why: every score, rank and gate, and what the budget cut')
    .option('--environment <name>', 'where the task is played', 'user')
    .option('--family <name>', 'what it shares with others, such as a house')
    .option('--type <name>', 'its kind of goal')
    .option('--budget-tokens <count>', 'most tokens of entries in one prompt')
    .addOption(countOption('--limit <count>', 'how many candidates are printed').default(20))
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl bank explain "put a hot mug in the cabinet"\n  skillrl bank explain "find the key" --environment alfworld --family kitchen-025c962110 --json',
    )
    .action(action(explain));
}

async function explain(
  { config, output, signal }: CommandContext,
  { environment, family, type, limit }: ExplainOptions,
  words: readonly string[],
): Promise<void> {
  await using memory = await openSkillMemory(config.folder, config);
  const instruction = words.join(' ');
  const id = `task_${contentHash(instruction).slice(0, 24)}`;
  const task = { id, environment, family, type, instruction, domainKind: 'convergent' } as const;
  await memory.recaller.prepare();
  const explanation = await memory.recaller.explain({ task, signal });
  output.data(explanation);
  if (explanation.candidates.length === 0) output.line('Nothing in the bank is about that.');
  else for (const line of describeRecall(explanation, limit)) output.line(line);
}
