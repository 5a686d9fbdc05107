import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { backupBank, restoreBank, sqlite, verifyBank } from '../../packages/drivers/src/index.ts';
import { aLesson } from '../../packages/testing/src/index.ts';

export const description = 'Backup, verify and restore of a bank: time, and what a busy writer does meanwhile';

interface Step {
  readonly step: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly note: string;
}

/** `--entries N`, default 100,000, each with a vector of 100 numbers; `--json`. Prints one line a step; wall clock drifts with what else runs. */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, entries: { type: 'string', default: '100000' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'skillrl-durability-'));
  try {
    const steps = await measureIn(folder, Number(values.entries));
    const machine = `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`;
    if (values.json) console.log(JSON.stringify({ machine, entries: Number(values.entries), steps }, undefined, 2));
    else {
      console.log(`${machine}; ${values.entries} entries\n`);
      for (const { step, wallMs, cpuMs, note } of steps) {
        const times = [wallMs, cpuMs].map((ms) => `${(ms / 1000).toFixed(2)} s`.padStart(9));
        console.log(`${step.padEnd(28)} ${times[0]} by the clock ${times[1]} of processor  ${note}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureIn(folder: string, entries: number): Promise<Step[]> {
  const [path, backup] = [join(folder, 'bank.db'), join(folder, 'backup.db')];
  const steps: Step[] = [];
  const time = async (step: string, work: () => Promise<string>): Promise<void> => {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const note = await work();
    const { user, system } = process.cpuUsage(cpu);
    steps.push({ step, wallMs: performance.now() - start, cpuMs: (user + system) / 1000, note });
  };
  const megabytes = (file: string): string => `${(statSync(file).size / 1e6).toFixed(0)} MB`;

  await time('fill', async () => {
    await fill(path, entries);
    return megabytes(path);
  });
  await time('copy of the file (floor)', async () => {
    copyFileSync(path, join(folder, 'floor.db'));
    return 'by the system, neither synced nor verified';
  });
  await time('verify', async () => `${(await verifyBank(path)).findings} findings`);
  await time('verify, quick (doctor)', async () => `${(await verifyBank(path, { isQuick: true })).findings} findings`);
  await time('backup, nobody writes', async () => `${(await backupBank(path, backup)).findings} findings`);
  const writer = fork(fileURLToPath(new URL('./durability/busy-writer.ts', import.meta.url)), [path]);
  const commits = async (): Promise<number> => {
    writer.send('how many');
    return ((await once(writer, 'message')) as [number])[0];
  };
  while ((await commits()) === 0);
  const before = await commits();
  await time('backup, a busy writer', async () => {
    const { revision } = await backupBank(path, backup, { force: true });
    return `at revision ${revision}; ${(await commits()) - before} commits meanwhile; log ${megabytes(`${path}-wal`)}`;
  });
  writer.disconnect();
  await once(writer, 'exit');
  await time('restore', async () => `revision ${(await restoreBank(backup, path)).report.revision}`);
  return steps;
}

async function fill(path: string, count: number): Promise<void> {
  const store = sqlite({ path });
  for (let start = 0; start < count; start += 2000) {
    const ids = Array.from({ length: Math.min(2000, count - start) }, (_, offset) => `entry-${start + offset}`);
    const put = ids.map((id) => aLesson({ id, title: `Lesson ${id}` }));
    await store.entries.commit({ namespace: 'default', reason: 'fill', put });
    const vectors = new Map(ids.map((id) => [id, Float32Array.from({ length: 100 }, () => Math.random() - 0.5)]));
    await store.entries.cacheVectors('measured', vectors);
  }
  await store.close();
}
