import { noProgress, type Progress } from '@skillrl/core';
import type { Command } from 'commander';

import { type Config, loadConfig, type LoadedConfig } from '../config.ts';
import { interruptionSignal } from './interruption.ts';
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

/** The one signal of the program. */
export const interruption = interruptionSignal();

/** Every command can speak to programs. */
export function withJson(command: Command): Command {
  return command.option('--json', 'JSON lines on standard output, nothing else');
}

/** Adds the folder of a project. @param kept - what a command finds there: `the bank`. */
export function withFolder(command: Command, kept: string): Command {
  return withJson(command).option('--folder <path>', `where ${kept} are kept (.skillrl)`);
}

/** Adds the settings of commands that read or write a project. */
export function withSettings(command: Command): Command {
  return withFolder(command, 'the bank, runs and reports').option(
    '--namespace <name>',
    'the tenant whose entries are read and written (default)',
  );
}

/** Adds the settings of commands that search the bank. */
export function withEmbedder(command: Command): Command {
  return withSettings(command).option(
    '--embedder <embedder>',
    'compact, ollama:NAME, openai:NAME@URL, use-lite, transformers:NAME (compact)',
  );
}

/** Adds the settings of commands that play. */
export function withPlaySettings(command: Command): Command {
  return withEmbedder(command)
    .option(
      '--model <model>',
      'builtin:base, builtin:warm, ollama:NAME, openai:NAME@URL, llama:FILE, policy:live (builtin:base)',
    )
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
        signal: interruption,
        progress: isQuiet ? noProgress : progressLine(),
      },
      options,
      command.args,
    );
  };
}
