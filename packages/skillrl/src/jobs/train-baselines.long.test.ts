import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { baselineNames } from '@skillrl/training';
import { expect, it } from 'vitest';

import type { TrainReport } from './train-report.ts';

const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const fewGames = '--games houses --train-games 16 --held-out 8 --no-publish';

/** Runs `skillrl train run` with the real trainer in a project of its own. @returns its report, and what each iteration lost. */
async function trained(args: string): Promise<{ readonly report: TrainReport; readonly losses: readonly number[] }> {
  const folder = join(temporaryFolder(), 'project');
  const child = spawn(process.execPath, [program, ...`train run ${fewGames} ${args}`.split(' '), '--folder', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  const run = join(folder, 'runs', readdirSync(join(folder, 'runs'))[0]!);
  const iterations = readdirSync(join(run, 'iterations')).toSorted();
  const read = (path: string): unknown => JSON.parse(readFileSync(join(run, path), 'utf8'));
  return {
    report: read('report.json') as TrainReport,
    losses: iterations.map((name) => (read(`iterations/${name}`) as { training: { loss: number } }).training.loss),
  };
}

describeWith(requirement('python'), 'the baselines, with the real trainer', () => {
  it.each(baselineNames)(
    '%s makes a step in the harness that all have',
    async (name) => {
      const tiny = '--iterations 1 --evaluate-every 1 --set groups=6 groupSize=4 canary.pairs=0';
      const { report } = await trained(`--recipe ${name} ${tiny}`);
      const isImitation = name.startsWith('sft');
      expect(report.manifest.recipe.name).toBe(name);
      expect(report.episodes).toBe(isImitation ? 0 : 24);
      expect(report.rows).toEqual([expect.objectContaining({ outcome: 'trained', kl: expect.any(Number) })]);
      expect(report.curve.map(({ iteration }) => iteration)).toEqual(expect.arrayContaining([0, 1]));
      expect(report.curve.every(({ errored }) => errored === 0)).toBe(true);
    },
    300_000,
  );

  it('an informed expert is imitated better and better, and what the policy could do is not lost', async () => {
    const args = '--iterations 6 --evaluate-every 6 --evaluation-plays 24 --set groups=8 canary.pairs=0';
    const { report, losses } = await trained(`--recipe sft-informed ${args}`);
    expect(losses.slice(-2).every((loss) => loss < 0.9 * losses[0]!)).toBe(true);
    const [before, after] = [report.curve[0]!, report.curve.at(-1)!];
    // 192 plays each, ± 7 points; a collapsed policy wins none.
    expect(after.success).toBeGreaterThan(before.success - 0.15);
  }, 600_000);
});
