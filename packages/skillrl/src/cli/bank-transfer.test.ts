import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { sqlite } from '@skillrl/drivers';
import { aLesson, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

function skillrl(cwd: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, 'bank', ...args], { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : ((error as { code?: number }).code ?? 1), stdout, stderr }),
    );
  });
}

async function folderWith(count: number): Promise<string> {
  const cwd = temporaryFolder();
  const store = sqlite({ path: join(cwd, '.skillrl', 'bank.db') });
  const put = Array.from({ length: count }, (_, number) =>
    aLesson({ id: `e${number}`, title: `naïve\u2028${number}` }),
  );
  await store.entries.commit({ namespace: 'default', reason: 'a test', put });
  await store.close();
  return cwd;
}

const record = {
  memory_id: 'mem_1',
  contextual_description: 'A hot mug.',
  tags: { environment: 'Alfworld', outcome: 'Success' },
  content: {
    task_meta: { original_goal: 'put a hot mug in shelf.' },
    refined_trajectory: { refined_trajectory: [{ action: 'heat mug with microwave' }] },
    strategic_guidelines: { strategic_guidelines: { planning_pattern: 'Heat -> Place', mistakes_to_avoid: [] } },
  },
};

describe('skillrl bank export and import', () => {
  it('carry a bank through a file into another namespace and back, equal to the byte', async () => {
    const cwd = await folderWith(30);
    expect((await skillrl(cwd, 'export', 'a.jsonl')).code).toBe(0);
    const imported = await skillrl(cwd, 'import', 'a.jsonl', '--namespace', 'two', '--json', '--require-intact');
    expect(JSON.parse(imported.stdout)).toMatchObject({ added: 30, rejected: 0, intact: true });
    expect((await skillrl(cwd, 'export', 'b.jsonl', '--namespace', 'two')).code).toBe(0);
    expect(readFileSync(join(cwd, 'b.jsonl'), 'utf8')).toBe(readFileSync(join(cwd, 'a.jsonl'), 'utf8'));
  }, 30_000);

  it('write every line that was not taken, with its reason, where they are told to', async () => {
    const cwd = await folderWith(3);
    await skillrl(cwd, 'export', 'a.jsonl');
    writeFileSync(join(cwd, 'b.jsonl'), `${readFileSync(join(cwd, 'a.jsonl'), 'utf8')}${'nonsense\n'.repeat(50)}`);
    const { code, stdout, stderr } = await skillrl(cwd, 'import', 'b.jsonl', '--report', 'lines.jsonl');
    expect(code).toBe(2);
    expect(stdout).toContain('skipped 3, rejected 50');
    expect(stderr).toContain('50 lines');
    const notes = readFileSync(join(cwd, 'lines.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(notes).toHaveLength(53);
    expect(notes[0]).toEqual({ outcome: 'rejected', line: 5, reason: 'The line is not JSON.' });
    expect(notes[52]).toMatchObject({ outcome: 'skipped', id: 'e2', line: 4 });
  }, 30_000);

  it('know what SkillRL writes, quarantine it, and say when it is something else', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'records.json'), JSON.stringify([record], undefined, 2));
    const { code, stdout } = await skillrl(cwd, 'import', 'records.json');
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 demonstrations, 0 lessons and 0 principles')]);
    const [entry] = (await skillrl(cwd, 'list', '--status', 'quarantined', '--json')).stdout.trim().split('\n');
    expect(JSON.parse(entry!)).toMatchObject({ cluster: 'alfworld: pick_heat_then_place_in_recep' });
    for (const [name, text] of [
      ['other.json', '{}'],
      ['broken.json', '[1, 2'],
      ['text.json', 'text'],
    ] as const) {
      writeFileSync(join(cwd, name), text);
      expect((await skillrl(cwd, 'import', name)).code).toBe(2);
    }
    expect((await skillrl(cwd, 'import', 'records.json', '--format', 'skillrl-skills')).stderr).toContain(
      'skillrl-memories',
    );
  }, 60_000);

  it('leave no half of a file when they are interrupted', async () => {
    const cwd = await folderWith(20_000);
    const child = spawn(process.execPath, [program, 'bank', 'export', 'out.jsonl'], { cwd, stdio: 'ignore' });
    const files = (): string[] => readdirSync(cwd).filter((name) => name.includes('out.jsonl'));
    while (files().length === 0) await delay(5);
    await delay(200);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect([code, files()]).toEqual([130, []]);
    expect((await skillrl(cwd, 'export', 'out.jsonl')).code).toBe(0);
    expect(files()).toEqual(['out.jsonl']);
  }, 60_000);
});
