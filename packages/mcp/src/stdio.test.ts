import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

const messages = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'search_skills', arguments: { query: 'mugs' } } },
];
const asLines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program; `work` gets it, to write to and to stop. */
function run(
  args: readonly string[],
  work: (child: ReturnType<typeof spawn>, answered: Promise<void>) => void | Promise<void>,
  cwd = temporaryFolder(),
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd });
    const ended = { stdout: '', stderr: '' };
    const answered = new Promise<void>((heard) => {
      child.stdout.on('data', (chunk) => {
        ended.stdout += String(chunk);
        heard();
      });
      child.stderr.on('data', (chunk) => {
        ended.stderr += String(chunk);
        if (ended.stderr.includes('serving')) heard();
      });
    });
    child.stdin.on('error', () => {});
    child.on('close', (code) => resolve({ code, ...ended }));
    Promise.resolve(work(child, answered)).catch(reject);
  });
}

describe('over standard input and output', () => {
  it('what was asked before the end of input is answered, and nothing else is printed', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'skillrl.config.mjs'), `console.log('hello'); export default { namespace: 'x' };`);
    const { code, stdout, stderr } = await run(
      ['./memory'],
      (child) => void child.stdin?.end(`no json\n${asLines(messages)}`),
      cwd,
    );
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number });
    expect(answers.map(({ id }) => id)).toEqual([1, 2]);
    expect(stderr).toContain('hello');
    expect(code).toBe(0);
  }, 60_000);

  it('ends in order on Ctrl-C, also when it comes twice at once', async () => {
    const { code, stderr } = await run(['./memory'], async (child, answered) => {
      child.stdin?.write(asLines(messages.slice(0, 1)));
      await answered;
      child.kill('SIGINT');
      child.kill('SIGINT');
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }, 60_000);

  it('ends in order when the client is gone', async () => {
    const { code, stderr } = await run(['./memory'], async (child, answered) => {
      child.stdin?.write(asLines(messages.slice(0, 1)));
      await answered;
      child.stdout?.destroy();
      child.stdin?.write(asLines(messages.slice(1)));
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }, 60_000);
});

describe('the command', () => {
  it('is skillrl mcp, too', async () => {
    const skillrl = fileURLToPath(new URL('cli/main.ts', import.meta.resolve('skillrl')));
    const child = spawn(process.execPath, [skillrl, 'mcp', './memory', '--port', '80'], { cwd: temporaryFolder() });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is for HTTP') });
  }, 60_000);

  it('serves over HTTP until it is stopped', async () => {
    const { code, stdout, stderr } = await run(['./memory', '--http', '--port', '0'], async (child, answered) => {
      await answered;
      child.kill('SIGTERM');
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/serving .*memory at http:\/\/127\.0\.0\.1:\d+\/mcp/);
  }, 60_000);

  it.each([
    [['--port', 'many'], /whole number/],
    [['--port', '80'], /OPTION_INVALID/],
    [['--http', '--host', '0.0.0.0'], /MCP_PUBLIC_WITHOUT_TOKEN/],
    [['--dance'], /unknown option/],
  ])(
    'refuses %s',
    async (args, message) => {
      const { code, stdout, stderr } = await run(args, () => {});
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
    },
    60_000,
  );
});
