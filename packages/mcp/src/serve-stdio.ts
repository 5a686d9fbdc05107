import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Memory } from '@skillrl/memory';

import { bankServer } from './bank-server.ts';

/** Serves one client over standard input and output, until it goes away. Nothing else may write to standard output. */
export async function serveStdio(memory: Memory, signal?: AbortSignal): Promise<void> {
  const server = bankServer(memory);
  const gone = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    process.stdin.once('end', resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.connect(new StdioServerTransport());
  await gone;
  await server.close();
}
