import type { Policy, Task } from '@skillrl/core';
import { localRunner } from '@skillrl/rollouts';
import { aLesson, memoryEpisodeStore, scriptedEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { listedTask, writeManifest, type Manifest } from './manifest.ts';
import { refuseLeaks, refuseSharedTasks } from './refuse-leaks.ts';
import { reportHtml } from './report-html.ts';
import { reportTable } from './report-table.ts';
import { buildReport } from './report.ts';
import { runSuite } from './run-suite.ts';

const environment = scriptedEnvironment(
  Array.from({ length: 24 }, (_, index) => ({
    id: `task-${index}`,
    wins: ['a', 'b'],
    family: `house-${index % 12}`,
    type: index % 2 ? 'odd' : 'even',
    maxSteps: 8,
  })),
);

/** Says `a` and `b` after a number of idle words. */
function speller(idle: number): Policy {
  return {
    name: `idle ${idle}`,
    version: '1',
    act: async ({ steps }) => ({ action: 'z'.repeat(idle).concat('ab').charAt(steps.length) || 'z', calls: [] }),
  };
}

function manifestFor(tasks: readonly Task[], overrides: Partial<Manifest> = {}): Manifest {
  return writeManifest({
    question: 'Do fewer idle words help?',
    protocol: 'transfer',
    primary: { endpoint: 'success within 4', arm: 'quick', against: 'slow' },
    arms: ['slow', 'quick', 'same'].map((name) => ({ name, description: name, policy: { name, version: '1' } })),
    panel: { name: 'scripted', tasks: tasks.map(listedTask) },
    learning: [],
    samples: 1,
    seed: 1,
    successWithin: [4, 8],
    sampleSize: '24 tasks',
    stoppingRule: 'fixed',
    purpose: 'test',
    versions: {},
    createdAt: '2026-11-23T00:00:00Z',
    ...overrides,
  });
}

async function run(tasks: readonly Task[]) {
  const manifest = manifestFor(tasks);
  const policies = { slow: speller(5), quick: speller(0), same: speller(5) };
  return {
    manifest,
    rollouts: await runSuite(manifest, tasks, localRunner(environment, policies), memoryEpisodeStore()),
  };
}

describe('a suite', () => {
  it('shows the paired difference of arms, with an interval and a verdict', async () => {
    const { manifest, rollouts } = await run(await environment.tasks());
    const report = buildReport(manifest, rollouts);
    expect(report.arms.map(({ arm, plays, errored }) => [arm, plays, errored])).toEqual([
      ['slow', 24, 0],
      ['quick', 24, 0],
      ['same', 24, 0],
    ]);
    expect(report.arms[0]?.endpoints.map(({ mean }) => mean)).toEqual([0, 1, 7, 0]);
    expect(report.arms[1]?.successBySteps.slice(0, 4)).toEqual([0, 0, 1, 1]);
    const primary = report.contrasts.find((contrast) => contrast.primary);
    expect(primary).toMatchObject({ difference: 1, pairs: 24, verdict: 'higher', clusters: 12 });
    expect(
      report.contrasts.find(({ arm, endpoint }) => arm === 'same' && endpoint === 'success within 4'),
    ).toMatchObject({ difference: 0, verdict: 'equivalent' });
  });

  it('gives no verdict from a handful of pairs, however equal or different they are', async () => {
    const { manifest, rollouts } = await run(await environment.tasks({ limit: 12 }));
    const { contrasts } = buildReport(manifest, rollouts);
    expect(new Set(contrasts.map(({ verdict }) => verdict))).toEqual(new Set(['unresolved']));
  });

  it('gives the same numbers whatever order the rollouts come in', async () => {
    const { manifest, rollouts } = await run(await environment.tasks());
    expect(buildReport(manifest, rollouts.toReversed())).toEqual(buildReport(manifest, rollouts));
  });

  it('says that an interrupted run is one, and that few scenes carry no general claim', async () => {
    const { manifest, rollouts } = await run(await environment.tasks({ limit: 4 }));
    expect(buildReport(manifest, rollouts.slice(0, 8)).notes).toEqual([
      expect.stringContaining('Interrupted: 8 of 12'),
      expect.stringContaining('scenes only'),
    ]);
  });

  it('gives an interrupted run an interval that holds whenever one stops, and a finished one none', async () => {
    const { manifest, rollouts } = await run(await environment.tasks());
    const { contrasts, notes } = buildReport(manifest, rollouts.slice(0, 60));
    expect(notes[0]).toContain('Interrupted: 60 of 72');
    const quick = contrasts.find(({ primary }) => primary)!;
    expect(quick.anytime95!.low).toBeLessThan(quick.interval95.low);
    expect(quick.anytime95!.high).toBe(1);
    expect(contrasts.find(({ endpoint }) => endpoint === 'steps')?.anytime95).toBeUndefined();
    expect(reportTable(buildReport(manifest, rollouts.slice(0, 60))).join('\n')).toMatch(/at any time \[[+−]/);
    expect(buildReport(manifest, rollouts).contrasts.every(({ anytime95 }) => anytime95 === undefined)).toBe(true);
  });

  it('leaves errored plays out of the denominator and shows them beside it', async () => {
    const broken = scriptedEnvironment([
      { id: 'one', wins: ['a', 'b'], breaksOn: 'a' },
      { id: 'two', wins: ['a'] },
    ]);
    const tasks = await broken.tasks();
    const manifest = manifestFor(tasks, {
      arms: ['slow', 'quick'].map((name) => ({ name, description: '', policy: { name, version: '1' } })),
    });
    const rollouts = await runSuite(
      manifest,
      tasks,
      localRunner(broken, { slow: speller(0), quick: speller(0) }),
      memoryEpisodeStore(),
    );
    const report = buildReport(manifest, rollouts);
    expect(report.arms[0]).toMatchObject({ plays: 1, errored: 1 });
    expect(report.notes[0]).toBe(
      "2 plays errored: 'a' broke the environment. The same command again tries them again.",
    );
  });

  it('refuses a panel that is not the one of the manifest', async () => {
    const tasks = await environment.tasks();
    const manifest = manifestFor(tasks);
    const changed = tasks.map((task, index) => (index === 3 ? { ...task, instruction: 'Something else.' } : task));
    await expect(runSuite(manifest, changed, localRunner(environment, {}), memoryEpisodeStore())).rejects.toMatchObject(
      { code: 'PANEL_CHANGED' },
    );
  });

  it('stops when an entry was learned from the panel', async () => {
    const tasks = await environment.tasks();
    const lesson = aLesson({ evidence: [{ episodeId: 'e', taskId: 'task-3', hash: 'x', trusted: true }] });
    expect(() => refuseLeaks(tasks, [lesson])).toThrow(/task-3/);
    expect(() => refuseLeaks(tasks.slice(0, 3), [lesson])).not.toThrow();
  });

  it('stops before it is played when it would learn from a task of the panel', async () => {
    const tasks = await environment.tasks();
    expect(() => refuseSharedTasks(tasks.slice(0, 5), tasks.slice(4))).toThrow(/'task-4'/);
    expect(() => refuseSharedTasks(tasks.slice(0, 5), tasks.slice(5))).not.toThrow();
  });

  it('gives a manifest the same id at another time and another id for another seed', async () => {
    const tasks = await environment.tasks();
    expect(manifestFor(tasks, { createdAt: 'later' }).id).toBe(manifestFor(tasks).id);
    expect(manifestFor(tasks, { seed: 2 }).id).not.toBe(manifestFor(tasks).id);
    expect(() => manifestFor(tasks, { primary: { endpoint: 'steps', arm: 'nobody', against: 'slow' } })).toThrow(
      /nobody/,
    );
  });
});

describe('the report', () => {
  it('prints one row an arm and starts the primary comparison with gain', async () => {
    const { manifest, rollouts } = await run(await environment.tasks());
    const lines = reportTable(buildReport(manifest, rollouts));
    expect(lines.filter((line) => /^(slow|quick|same) /.test(line))).toHaveLength(3);
    expect(lines.find((line) => line.startsWith('gain'))).toMatch(/quick − slow, success within 4: \+100\.0 points/);
  });

  it('says that the gain is unknown when no play counts, and draws no line for an arm without plays', async () => {
    const { manifest } = await run(await environment.tasks());
    const empty = buildReport(manifest, []);
    expect(reportTable(empty).find((line) => line.startsWith('gain'))).toMatch(/unknown: no pair of plays/);
    const html = reportHtml(empty);
    expect(html).toContain('Gain unknown: no pair of plays');
    expect(html).toContain('slow: no plays');
    expect(html).not.toContain('<polyline');
  });

  it('is one page that fetches nothing and keeps markup in texts from becoming markup', async () => {
    const { manifest, rollouts } = await run(await environment.tasks());
    const html = reportHtml(
      buildReport(manifest, rollouts, {
        learned: { lesson: 1 },
        examples: [{ kind: 'lesson', title: '<script>alert(1)</script>', text: 'x' }],
      }),
    );
    expect(html).not.toMatch(/<script|src=|@import|url\(/);
    expect(html).toContain('&lt;script&gt;');
  });
});
