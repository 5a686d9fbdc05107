import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

it('refuses a model server whose driver asks for no token ids, before it starts anything', async () => {
  const folder = join(temporaryFolder(), 'project');
  const args = `train run --games houses --server vllm:mine@http://127.0.0.1:9/v1 --json --folder ${folder}`.split(' ');
  const { code, stderr } = await new Promise<{ code: number; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], (error, _, text) =>
      resolve({ code: Number((error as { code?: number } | null)?.code ?? 0), stderr: text }),
    );
  });
  expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({
    code: 'TOKENS_UNSUPPORTED',
    message: expect.stringContaining("'vllm:mine@http://127.0.0.1:9/v1'") as string,
    hint: expect.stringContaining('llama-cpp') as string,
  });
  expect(code).toBe(5);
  expect([join(folder, 'runs'), join(folder, 'trainer')].filter(existsSync)).toEqual([]);
}, 60_000);
