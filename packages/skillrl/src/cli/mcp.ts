import { ConfigError } from '@skillrl/core';
import type { Command } from 'commander';

import { interruption } from './context.ts';

/** What `@skillrl/mcp` exports of its command line. */
interface McpModule {
  mcpCommand(
    args: readonly string[],
    options: { readonly name: string; readonly signal: AbortSignal },
  ): Promise<number>;
}

/** `skillrl mcp`: the program of `@skillrl/mcp`, with its own options, where that is installed. */
export function addMcpCommand(program: Command): void {
  program
    .command('mcp [arguments...]')
    .description('serve the bank to MCP clients (needs @skillrl/mcp; skillrl mcp --help shows its options)')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (_arguments: unknown, _options: unknown, command: Command) => {
      const { mcpCommand } = await loadMcp();
      process.exitCode = await mcpCommand(command.args, { name: 'skillrl mcp', signal: interruption });
    });
}

async function loadMcp(): Promise<McpModule> {
  // Not a dependency: it brings a hundred packages, for those who serve.
  const name = '@skillrl/mcp';
  try {
    return (await import(name)) as McpModule;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new ConfigError({
      code: 'MCP_NOT_INSTALLED',
      message: 'skillrl mcp needs the package @skillrl/mcp, which is not installed here.',
      hint: 'Install it beside skillrl: npm i @skillrl/mcp. Or run it by itself: npx @skillrl/mcp FOLDER',
      cause,
    });
  }
}
