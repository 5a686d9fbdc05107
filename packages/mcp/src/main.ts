#!/usr/bin/env node
import { Command, InvalidArgumentError } from 'commander';
import { SkillError } from '@skillrl/core';

import { serve } from './serve.ts';

const program = new Command('skillrl-mcp')
  .description('Serves a skill bank to MCP clients: over standard input and output, or over HTTP.')
  .argument('[folder]', 'where the bank is kept', './.skillrl')
  .option('--namespace <name>', 'the tenant that is served without a token')
  .option('--http', 'streamable HTTP at /mcp instead of standard input and output')
  .option('--host <address>', 'address to listen on (127.0.0.1)')
  .option('--port <number>', 'port to listen on; 0 takes a free one (7333)', portOf)
  .option('--token-file <file>', 'JSON file of bearer tokens and their tenants: { "<token>": "<namespace>" }')
  .option('--allow-host <name...>', 'names under which clients may call the server')
  .addHelpText('after', '\nExamples:\n  skillrl-mcp ./memory\n  skillrl-mcp ./memory --http --token-file tokens.json');

interface Options {
  readonly namespace?: string;
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly tokenFile?: string;
  readonly allowHost?: readonly string[];
}

program.action(async (folder: string, { allowHost, ...options }: Options) => {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  await serve({
    ...options,
    folder,
    allowedHosts: allowHost,
    signal: stop.signal,
    // Standard output belongs to the protocol.
    onListening: (url) => process.stderr.write(`skillrl: serving ${folder} at ${url}\n`),
  });
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof SkillError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  process.exitCode = 1;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}
