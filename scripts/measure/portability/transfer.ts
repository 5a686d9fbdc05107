import { createReadStream } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { statSync } from 'node:fs';

import { sqlite } from '../../../packages/drivers/src/index.ts';
import { exportBank, importBank, splitLines } from '../../../packages/memory/src/index.ts';
import { wholeFile } from '../../../packages/skillrl/src/cli/whole-file.ts';

// One step in a process of its own, so that its memory is its own: argv is the step, the bank's path, the file, the namespace.
const [step = '', bank = '', file = '', namespace = 'default'] = process.argv.slice(2);

const delays = monitorEventLoopDelay({ resolution: 1 });
let peakWal = 0;
const sampling = setInterval(() => {
  try {
    peakWal = Math.max(peakWal, statSync(`${bank}-wal`).size);
  } catch {}
}, 20);
const chunks = () => createReadStream(file);
const startedAt = performance.now();
const cpu = process.cpuUsage();
delays.enable();

let result: unknown;
switch (step) {
  case 'read': {
    let bytes = 0;
    for await (const chunk of chunks()) bytes += (chunk as Uint8Array).length;
    result = { bytes };
    break;
  }
  case 'parse': {
    let lines = 0;
    for await (const line of splitLines(chunks())) {
      if (typeof line === 'string') JSON.parse(line);
      lines += 1;
    }
    result = { lines };
    break;
  }
  case 'import': {
    const store = sqlite({ path: bank });
    const stages: Record<string, number> = {};
    const report = await importBank(splitLines(chunks()), {
      entries: store.entries,
      namespace,
      progress: (event) => {
        if (event.type === 'stage-end') stages[event.stage] = event.durationMs;
      },
    });
    await store.close();
    result = { stages, ...report, notes: report.notes.length };
    break;
  }
  case 'export': {
    const store = sqlite({ path: bank });
    const target = await wholeFile(file);
    for await (const line of exportBank({ ...store, namespace, destination: file })) await target.write(`${line}\n`);
    await target.finish();
    await store.close();
    break;
  }
  default:
    throw new RangeError(`There is no step '${step}'.`);
}
clearInterval(sampling);
const { user, system } = process.cpuUsage(cpu);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    // Of the whole process since it began, in kilobytes.
    peakMb: process.resourceUsage().maxRSS / 1024,
    peakWalMb: peakWal / 2 ** 20,
    longestStallMs: delays.max / 1e6,
    result,
  }),
);
