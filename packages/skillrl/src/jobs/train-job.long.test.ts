import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { sqlite } from '@skillrl/drivers';
import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import type { IterationManifest, IterationState } from '@skillrl/training';
import { beforeAll, expect, it } from 'vitest';

import { checkpointsOf } from '../../test-support/short-training.ts';
import type { RolloutRow } from './rollout-row.ts';

const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

const few =
  '--games houses --train-games 16 --held-out 8 --iterations 3 --evaluate-every 3 --set groups=3 groupSize=4 canary.pairs=6';

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `skillrl train …` in a project folder; `during` may end it. */
function train(
  folder: string,
  args: string,
  during?: (child: { kill(signal: NodeJS.Signals): boolean; readonly pid?: number }) => unknown,
): Promise<Ran> {
  const child = spawn(process.execPath, [program, 'train', ...args.split(' '), '--folder', folder, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  void during?.(child);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const runOf = (folder: string): string => join(folder, 'runs', readdirSync(join(folder, 'runs'))[0]!);
const stateOf = (folder: string): IterationState =>
  JSON.parse(readFileSync(join(runOf(folder), 'state.json'), 'utf8')) as IterationState;
const manifestsOf = (folder: string): IterationManifest[] =>
  readdirSync(join(runOf(folder), 'iterations'))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(runOf(folder), 'iterations', name), 'utf8')) as IterationManifest);

/** What a run came to, times and hashes of files that hold times left out. */
function resultOf(folder: string) {
  return manifestsOf(folder).map(({ rollouts, groups, training, canary, versions, evolution }) => ({
    rollouts,
    groups,
    training,
    canary,
    versions,
    evolution,
  }));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

const hasPhase = (folder: string, iteration: number, phase: string) => (): boolean => {
  if (!existsSync(join(folder, 'runs'))) return false;
  const path = join(runOf(folder), `phases-${iteration}.jsonl`);
  return existsSync(path) && readFileSync(path, 'utf8').includes(`"${phase}"`);
};

describeWith(requirement('python'), 'skillrl train, with the real trainer', () => {
  let whole: string;
  beforeAll(async () => {
    whole = join(temporaryFolder(), 'project');
    const { code, stderr } = await train(whole, `run ${few}`);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  }, 400_000);

  it('gets as far as it was told, with the curve, the versions and the bank in its folder, and leaves no process', () => {
    expect(stateOf(whole)).toMatchObject({ iteration: 3 });
    expect(manifestsOf(whole).every(({ outcome, training }) => outcome === 'idle' || training!.kl > 0)).toBe(true);
    const report = JSON.parse(readFileSync(join(runOf(whole), 'report.json'), 'utf8')) as {
      curve: { iteration: number; plays: number }[];
    };
    expect(report.curve.filter(({ plays }) => plays === 8).map(({ iteration }) => iteration)).toEqual(
      expect.arrayContaining([0, 3]),
    );
    expect(existsSync(join(runOf(whole), 'report.html'))).toBe(true);
    expect(existsSync(join(runOf(whole), 'weights'))).toBe(false);
    expect(existsSync(join(whole, 'trainer.json'))).toBe(false);
    // Whoever wants what came of it publishes it.
    expect(existsSync(join(whole, 'policies', stateOf(whole).served.version, 'checkpoint.json'))).toBe(true);
  });

  it('comes to the same end after kill -9 in the middle of training, of serving and of playing', async () => {
    const folder = join(temporaryFolder(), 'project');
    const deaths: (() => boolean)[] = [
      hasPhase(folder, 1, 'trained'),
      hasPhase(folder, 2, 'exported'),
      hasPhase(folder, 3, 'planned'),
    ];
    for (const death of deaths) {
      const { code } = await train(folder, `run ${few}`, async (child) => {
        await until(death);
        child.kill('SIGKILL');
      });
      expect(code).toBeNull();
    }
    const { code, stderr } = await train(folder, `run ${few}`);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('Error')]);
    expect(resultOf(folder)).toEqual(resultOf(whole));
    expect([checkpointsOf(whole), checkpointsOf(folder)].map(({ length }) => length)).toEqual([1, 1]);
  }, 600_000);

  it('stops at Ctrl-C with 130 and nothing lost, is refused to a second process meanwhile, and goes on by its name', async () => {
    const folder = join(temporaryFolder(), 'project');
    let second: Ran | undefined;
    const stopped = await train(folder, `run ${few}`, async (child) => {
      await until(hasPhase(folder, 1, 'collected'));
      second = await train(folder, `run ${few}`);
      child.kill('SIGINT');
    });
    expect(stopped.code).toBe(130);
    expect([second?.code, second?.stderr]).toEqual([4, expect.stringContaining('LOCKED')]);
    const id = runOf(folder).split('/').at(-1)!;
    expect((await train(folder, `resume ${id} --iterations 1`)).code).toBe(0);
    expect(resultOf(folder)).toEqual(resultOf(whole).slice(0, 1));
  }, 400_000);

  it('exports what was trained on, and the store knows which episodes are in the file', async () => {
    const id = runOf(whole).split('/').at(-1)!;
    const file = join(temporaryFolder(), 'rollouts.jsonl');
    const { code, stdout } = await train(whole, `export ${id} ${file}`);
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { path: file, format: 'jsonl', rows: expect.any(Number), episodes: (3 * 2 * 3 * 4) / 2 },
    ]);
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RolloutRow);
    const sampled = (row: RolloutRow): number => row.completion_mask.filter(Boolean).length;
    const trained = rows.filter((row) => row.weight > 0 && row.iteration === 1);
    expect(trained.reduce((sum, row) => sum + sampled(row), 0)).toBe(manifestsOf(whole)[0]!.training?.tokens ?? 0);
    for (const row of rows) {
      expect(
        new Set([row.input_ids.length, row.completion_mask.length, row.old_log_probs.length, row.advantages.length])
          .size,
      ).toBe(1);
      expect(row.completion_mask[0]).toBe(false);
    }
    const store = sqlite({ path: join(runOf(whole), 'run.db') });
    const holding = await store.episodes.exportsHolding({ episodeId: rows[0]!.episode_id });
    await store.close();
    expect(holding).toContainEqual(expect.objectContaining({ kind: 'rollouts jsonl', destination: file }));
  });

  it('reports a run again, lists runs, and says what there is not', async () => {
    const id = runOf(whole).split('/').at(-1)!;
    const again = await train(whole, `report ${id}`);
    expect(JSON.parse(again.stdout)).toMatchObject({ iterations: 3, manifest: { id } });
    expect(JSON.parse((await train(whole, 'report')).stdout)).toMatchObject({ id, iterations: 3 });
    const file = join(temporaryFolder(), 'rows.txt');
    expect((await train(whole, `export ${id} ${file}`)).code).toBe(2);
  });
});
