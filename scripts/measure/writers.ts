import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { temporaryFolder } from '../../packages/testing/src/index.ts';

export const description = "Several processes that write to one bank: together, each one's share, the longest wait";

/** `--seconds N`: how long they write together, default 3. What a write costs by itself: `measure -- bank --only writes`. */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '3' } },
  });
  const load = loadavg()[0]!.toFixed(1);
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${load}\n`);
  console.log('Processes that append to one bank in tight loops');
  for (const processes of [1, 2, 3]) await measureProcesses(processes, Number(values.seconds));
}

async function measureProcesses(processes: number, seconds: number): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder, 'bank.db');
  const loop = fileURLToPath(new URL('../../packages/drivers/src/stores/fixtures/write-in-a-loop.ts', import.meta.url));
  const from = Date.now() + 1500;
  const ended = Array.from({ length: processes }, async (_, number) => {
    const words = [loop, path, `w${number}`, String(from), String(seconds * 1000)];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    return JSON.parse(stdout) as { readonly writes: number; readonly longestMs: number };
  });
  const written = await Promise.all(ended);
  rmSync(folder, { recursive: true });
  const all = written.reduce((sum, { writes }) => sum + writes, 0);
  const shares = written.map(({ writes }) => `${((100 * writes) / all).toFixed(0)} %`).join(', ');
  const longest = Math.max(...written.map(({ longestMs }) => longestMs)).toFixed(0);
  console.log(
    `  ${processes}: ${Math.round(all / seconds)} writes/s together, shares ${shares}, longest wait ${longest} ms`,
  );
}
