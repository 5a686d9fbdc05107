import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Memory } from '@skillrl/memory';

import { bankServer, type BankServerOptions } from './bank-server.ts';

/** What was asked before the end of input is answered, for at most so long. */
const patienceMs = 5_000;
/** Most characters of one message. */
const longestMessage = 16 * 1024 * 1024;

/**
 * Serves one client over standard input and output, until it goes away or the signal comes. Nothing else may write to standard output: see
 * `consoleToStandardError`.
 */
export async function serveStdio(memory: Memory, signal?: AbortSignal, options: BankServerOptions = {}): Promise<void> {
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: longestMessage });
  const server = bankServer(memory, options);
  const gone = Promise.withResolvers<'ended' | 'closed'>();
  server.server.onclose = () => gone.resolve('closed');
  const onEnd = (): void => gone.resolve('ended');
  const onGone = (): void => gone.resolve('closed');
  process.stdin.once('end', onEnd);
  // Who reads our answers is gone.
  process.stdout.on('error', onGone);
  signal?.addEventListener('abort', onGone, { once: true });
  if (signal?.aborted === true) onGone();
  try {
    await server.connect(transport);
    const unanswered = countUnanswered(transport);
    if ((await gone.promise) === 'ended') await unanswered.none(patienceMs);
    await server.close();
  } finally {
    process.stdin.off('end', onEnd);
    process.stdout.off('error', onGone);
    signal?.removeEventListener('abort', onGone);
  }
}

/** Requests that came and were not answered yet. */
function countUnanswered(transport: Transport): { none(patience: number): Promise<void> } {
  const open = new Set<string | number>();
  let whenNone: (() => void) | undefined;
  const receive = transport.onmessage?.bind(transport);
  const send = transport.send.bind(transport);
  transport.onmessage = (message, extra) => {
    if ('method' in message && 'id' in message) open.add(message.id);
    receive?.(message, extra);
  };
  transport.send = async (message, options) => {
    await send(message, options);
    if (!('method' in message) && message.id !== undefined) open.delete(message.id);
    if (open.size === 0) whenNone?.();
  };
  return {
    none: async (patience) => {
      if (open.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      whenNone = resolve;
      const timer = setTimeout(resolve, patience);
      await promise;
      clearTimeout(timer);
    },
  };
}
