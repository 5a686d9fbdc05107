import { openBank, type EmbedderName } from './bank.ts';

// Opens the bank in argv[2] with the embedder argv[3], asks it once, and prints how long that took since the process began, in milliseconds.
const [folder, name, isWhole] = process.argv.slice(2) as [string, EmbedderName, string | undefined];
const startedMs = performance.now();
const { recaller } = openBank(folder, name);
const ask = () =>
  recaller.recall({
    task: {
      id: 't',
      environment: 'house',
      instruction: 'put a hot mug into the cabinet near kalo',
      family: 'house-3',
      domainKind: 'convergent',
    },
  });
const { recall, entries } = await ask();
const answeredMs = performance.now();
const { user, system } = process.cpuUsage();
let wholeMs: number | undefined;
if (isWhole !== undefined) {
  await recaller.prepare();
  wholeMs = performance.now();
}
const report = {
  startedMs,
  answeredMs,
  processorMs: (user + system) / 1000,
  wholeMs,
  degraded: recall.degraded,
  shown: entries.length,
  memoryMb: process.memoryUsage().rss / 2 ** 20,
};
process.stdout.write(JSON.stringify(report), () => process.exit(0));
