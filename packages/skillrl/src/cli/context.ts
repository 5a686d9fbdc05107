import { noProgress, type Progress } from '@skillrl/core';
import type { Command } from 'commander';

import { type Config, loadConfig, type LoadedConfig } from '../config.ts';
import { terminalOutput, type Output } from './output.ts';
import { progressLine } from './progress-line.ts';

/** What every command works with. */
export interface CommandContext {
  readonly config: Config;
  readonly settings: LoadedConfig;
  readonly output: Output;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** A command's action: gets its arguments, its own options, and the context. */
export type CommandWork<Options> = (
  context: CommandContext,
  options: Options,
  args: readonly string[],
) => Promise<void>;

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    interruption.abort();
    process.stderr.write('\nStopping … (once more to stop at once)\n');
  });
}

/** Adds the settings that every command takes as flags. */
export function withSettings(command: Command): Command {
  return command
    .option('--folder <path>', 'where the bank, runs and reports are kept (.skillrl)')
    .option('--namespace <name>', 'the tenant whose entries are read and written (default)')
    .option('--json', 'JSON lines on standard output, nothing else');
}

/** Adds the settings of commands that play or recall. */
export function withPlaySettings(command: Command): Command {
  return withSettings(command)
    .option('--model <model>', 'builtin:base, builtin:warm, ollama:NAME, openai:NAME@URL, llama:FILE (builtin:base)')
    .option('--embedder <embedder>', 'compact, ollama:NAME, openai:NAME@URL (compact)')
    .option('--workers <count>', 'threads that play episodes')
    .option('--budget-tokens <count>', 'most tokens of entries in one prompt')
    .option('--temperature <value>', 'of the policy’s sampling');
}

/** Turns a command's work into what commander calls: settings read once, one signal, progress on standard error. */
export function action<Options extends object>(work: CommandWork<Options>): (...input: unknown[]) => Promise<void> {
  return async (...input) => {
    const command = input.at(-1) as Command;
    const options = command.optsWithGlobals() as Options & { readonly json?: boolean };
    const settings = await loadConfig({ flags: options as Record<string, unknown> });
    const output = terminalOutput(options.json === true);
    const isQuiet = output.json && !process.stderr.isTTY;
    await work(
      {
        config: settings.config,
        settings,
        output,
        signal: interruption.signal,
        progress: isQuiet ? noProgress : progressLine(),
      },
      options,
      command.args,
    );
  };
}
