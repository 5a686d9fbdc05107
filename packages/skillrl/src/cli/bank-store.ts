import type { Command } from 'commander';

import { silentLogger } from '@skillrl/core';
import { sqlite, type SqliteStores } from '@skillrl/drivers';

import { type CommandContext, withSettings } from './context.ts';
import { databaseOf } from './episodes.ts';

export interface RunOption {
  readonly run?: string;
}

/** Adds the settings of commands that read the project's bank or that of a benchmark run. */
export function withRun(command: Command): Command {
  return withSettings(command).option('--run <id>', 'of a benchmark run instead of the project');
}

export async function withStore<Result>(
  context: CommandContext,
  run: string | undefined,
  work: (store: SqliteStores) => Promise<Result>,
): Promise<Result> {
  const logger = { ...silentLogger, warn: (message: string) => context.output.note(message) };
  const store = sqlite({ path: databaseOf(context, run), logger });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
