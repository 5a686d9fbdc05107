#!/usr/bin/env node
import { mcpCommand } from './command.ts';

/** A Ctrl-C can arrive twice at once, from the terminal and from npx. */
const sameKeyPressMs = 500;

const stop = new AbortController();
let firstAt = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort();
    } else if (performance.now() - firstAt >= sameKeyPressMs) process.exit(130);
  });
}

process.exitCode = await mcpCommand(process.argv.slice(2), { signal: stop.signal });
