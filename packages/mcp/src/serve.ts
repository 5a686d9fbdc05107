import { readFileSync } from 'node:fs';

import { FileError, InputError } from '@skillrl/core';
import { openSkillMemory } from 'skillrl';
import { z } from 'zod';

import { consoleToStandardError } from './console-to-standard-error.ts';
import { serveHttp } from './serve-http.ts';
import { serveStdio } from './serve-stdio.ts';

export interface ServeOptions {
  /** Where the bank is kept. Default: the setting `folder`. */
  readonly folder?: string;
  readonly namespace?: string;
  /** Streamable HTTP instead of standard input and output. */
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  /** A JSON file of bearer tokens and their tenants: `{ "<token>": "<namespace>" }`. Kept out of arguments, which other users can see. */
  readonly tokenFile?: string;
  readonly allowedHosts?: readonly string[];
  readonly signal?: AbortSignal;
  /** Told where the server listens. */
  readonly onListening?: (url: string) => void;
}

/**
 * Opens a bank and serves it until the client goes away or the signal comes; then closes it. Over standard input and output, what anything in
 * the process prints goes to standard error meanwhile.
 *
 * @throws {InputError} or {FileError} `TOKEN_FILE`; what `openSkillMemory` and `serveHttp` throw.
 */
export async function serve({ folder, namespace, signal, onListening, ...options }: ServeOptions): Promise<void> {
  refuseWithoutHttp(options);
  const tokens = options.tokenFile === undefined ? {} : readTokens(options.tokenFile);
  // A settings file is a program that may print, too.
  using _quiet = options.http === true ? undefined : consoleToStandardError();
  await using memory = await openSkillMemory(folder, namespace === undefined ? {} : { namespace });
  if (options.http !== true) {
    await serveStdio(memory, signal);
    return;
  }
  const server = await serveHttp(memory, { ...options, tokens });
  onListening?.(server.url);
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
}

/** What only says something about HTTP is not passed over in silence. */
function refuseWithoutHttp(options: ServeOptions): void {
  if (options.http === true) return;
  const given = (['host', 'port', 'tokenFile', 'allowedHosts'] as const).find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new InputError({
    code: 'OPTION_INVALID',
    message: `The option '${given}' is for HTTP.`,
    hint: 'Give --http, too, or leave it out.',
  });
}

const tokenFile = z.record(z.string().min(1), z.string().min(1));

function readTokens(path: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new FileError({ code: 'TOKEN_FILE', message: `The token file ${path} cannot be read.`, cause });
  }
  const parsed = tokenFile.safeParse(jsonOf(text));
  if (parsed.success && Object.keys(parsed.data).length > 0) return parsed.data;
  throw new InputError({
    code: 'TOKEN_FILE',
    message: `The token file ${path} is not a JSON object of tokens and namespaces.`,
    hint: 'Write it like this: { "<token of at least 16 characters>": "<namespace>" }',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
