import { SkillError } from '@skillrl/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { serve } from './serve.ts';

export interface McpCommandOptions {
  /** What it is called in its help. Default `skillrl-mcp`. */
  readonly name?: string;
  /** Ends the serving. */
  readonly signal?: AbortSignal;
}

interface Options {
  readonly namespace?: string;
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly allowHost?: readonly string[];
}

/**
 * The command line program: serves a bank until the client goes away or the signal comes. Says on standard error what is wrong.
 *
 * @param args - without the program's own name.
 * @returns the exit code: 0, 1 for what is wrong with the options, the bank or the port.
 */
export async function mcpCommand(
  args: readonly string[],
  { name = 'skillrl-mcp', signal }: McpCommandOptions = {},
): Promise<number> {
  const program = new Command(name)
    .description('Serves a skill bank to MCP clients: over standard input and output, or over HTTP.')
    .argument('[folder]', 'where the bank is kept (.skillrl)')
    .option('--namespace <name>', 'the tenant that is served without a token')
    .option('--http', 'streamable HTTP at /mcp instead of standard input and output')
    .option('--host <address>', 'address to listen on (127.0.0.1)')
    .option('--port <number>', 'port to listen on; 0 takes a free one (7333)', portOf)
    .option('--token-file <file>', 'JSON file of bearer tokens and their tenants: { "<token>": "<namespace>" }')
    .option('--allow-host <name...>', 'names under which clients may call the server')
    .addHelpText('after', `\nExamples:\n  ${name} ./memory\n  ${name} ./memory --http --token-file tokens.json`)
    .exitOverride()
    .action(async (folder: string | undefined, { allowHost, ...options }: Options) => {
      await serve({
        ...options,
        folder,
        allowedHosts: allowHost,
        signal,
        // Standard output belongs to the protocol.
        onListening: (url) => process.stderr.write(`skillrl: serving ${folder ?? 'the bank'} at ${url}\n`),
      });
    });
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!(error instanceof SkillError)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return 1;
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}
