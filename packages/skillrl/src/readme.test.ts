import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startOllamaWireServer, temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const packageFolder = join(repository, 'packages/skillrl');

/** The first TypeScript program of the README. */
function readmeProgram(): string {
  const program = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(repository, 'README.md'), 'utf8'))?.[1];
  if (program === undefined) throw new Error('The README holds no TypeScript program.');
  return program;
}

describe("the README's program", () => {
  // Inside the package, so that `skillrl` resolves as it does for a user who installed it.
  let folder: string;
  let server: Awaited<ReturnType<typeof startOllamaWireServer>>;

  beforeAll(async () => {
    mkdirSync(join(packageFolder, '.skillrl'), { recursive: true });
    folder = mkdtempSync(join(packageFolder, '.skillrl', 'readme-'));
    writeFileSync(join(folder, 'program.ts'), readmeProgram());
    const model = join(temporaryFolder(), 'tiny.gguf');
    writeTinyModel(model);
    server = await startOllamaWireServer({ models: { 'qwen3:4b': model } });
  }, 60_000);

  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('compiles', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../../tsconfig.base.json',
        include: ['program.ts'],
        compilerOptions: { noUnusedLocals: false },
      }),
    );
    execFileSync(join(repository, 'node_modules/.bin/tsc'), ['-p', folder], { stdio: 'pipe' });
  });

  it('runs against an Ollama server, and keeps what happened', async () => {
    const { stderr } = await promisify(execFile)(process.execPath, [join(folder, 'program.ts')], {
      cwd: folder,
      env: { ...process.env, OLLAMA_HOST: server.url },
    });
    expect(stderr).toBe('');
    const list = await promisify(execFile)(process.execPath, [
      join(packageFolder, 'src/cli/main.ts'),
      'episodes',
      'list',
      '--json',
      '--folder',
      join(folder, 'memory'),
    ]);
    const [episode] = list.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(episode).toMatchObject({ instruction: 'Name a prime above 90.', purpose: 'train', end: 'terminated' });
    expect((episode?.['outcome'] as { status?: string } | undefined)?.status).toMatch(/success|failure/);
  }, 180_000);
});
