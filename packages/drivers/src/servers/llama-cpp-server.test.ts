import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Checkpoint } from '@skillrl/core';
import { temporaryFolder, testModelServer, writeTinyCheckpoint } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { chatModel } from '../models/chat-model.ts';
import { llamaCppServer } from './llama-cpp-server.ts';

const visible = (folder: string): string[] => readdirSync(folder).filter((name) => !name.startsWith('.lock'));

describe('llamaCppServer', () => {
  testModelServer({
    place: () => {
      const folder = join(temporaryFolder(), 'served');
      return { open: () => llamaCppServer({ folder }), model: (spec) => chatModel(spec) };
    },
  });

  it('refuses to make a version live whose file is gone', async () => {
    const folder = temporaryFolder();
    const server = llamaCppServer({ folder });
    await server.publish(writeTinyCheckpoint(join(temporaryFolder(), 'v1')));
    await rm(join(folder, 'v1', 'model-f16.gguf'));
    await expect(server.goLive('v1')).rejects.toMatchObject({ code: 'VERSION_GONE' });
  });

  it('has nothing live when the file of the live version is gone, until it is published again', async () => {
    const folder = temporaryFolder();
    const server = llamaCppServer({ folder });
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await server.publish(one);
    await server.goLive('v1');
    await rm(join(folder, 'v1', 'model-f16.gguf'));
    expect(await server.live()).toBeUndefined();
    await server.publish(one);
    expect((await server.live())?.version).toBe('v1');
  });

  it('says of a place that cannot be written which it is, and what to do', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const failing = llamaCppServer({ folder: join(file, 'served') }).goLive('v1');
    await expect(failing).rejects.toMatchObject({
      code: 'FOLDER_FAILED',
      message: expect.stringContaining(file),
      hint: expect.stringContaining('--folder'),
    });
  });

  it('makes no version live whose file was damaged, and publishes it anew from a whole checkpoint', async () => {
    const folder = temporaryFolder();
    const server = llamaCppServer({ folder });
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    const two = writeTinyCheckpoint(join(temporaryFolder(), 'v2'), { version: 'v2', seed: 2 });
    for (const checkpoint of [one, two]) await server.publish(checkpoint);
    await server.goLive('v2');
    const file = join(folder, 'v1', 'model-f16.gguf');
    const whole = readFileSync(file);
    for (const damaged of [whole.subarray(0, 1_000), Buffer.from(whole).fill(7, 500)]) {
      writeFileSync(file, damaged);
      await expect(server.goLive('v1')).rejects.toMatchObject({
        code: 'CHECKPOINT_CORRUPT',
        message: expect.stringContaining(file),
      });
      expect((await server.live())?.version).toBe('v2');
      await server.publish(one);
      expect(readFileSync(file).equals(whole)).toBe(true);
      await server.goLive('v1');
      await server.goLive('v2');
    }
    expect(visible(folder)).toEqual(['live.json', 'v1', 'v2']);
  });

  it('says which file is damaged that tells what is live, and works again without it', async () => {
    const folder = temporaryFolder();
    const server = llamaCppServer({ folder });
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await server.publish(one);
    await server.goLive('v1');
    const live = join(folder, 'live.json');
    for (const damaged of ['{"version"', '{}']) {
      writeFileSync(live, damaged);
      const refusal = { code: 'SERVED_DAMAGED', message: expect.stringMatching(/^[^\n]*live\.json is not[^\n]*$/) };
      for (const failing of [server.live(), server.goLive('v1')]) await expect(failing).rejects.toMatchObject(refusal);
      expect(() => chatModel(server.liveModel)).toThrow(live);
      await rm(live);
      await server.publish(one);
      await server.goLive('v1');
      expect((await server.live())?.version).toBe('v1');
    }
  });

  it('publishes several versions handed over at once, one after the other', async () => {
    const folder = temporaryFolder();
    const numbers = [1, 2, 3];
    await Promise.all(
      numbers.map((seed) => {
        const version = `v${seed}`;
        return llamaCppServer({ folder }).publish(
          writeTinyCheckpoint(join(temporaryFolder(), version), { version, seed }),
        );
      }),
    );
    expect((await llamaCppServer({ folder }).versions()).map(({ version }) => version)).toEqual(['v1', 'v2', 'v3']);
  });

  it('says that the disk is full, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const before = llamaCppServer({ folder });
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await before.publish(one);
    await before.goLive('v1');
    const two = writeTinyCheckpoint(join(temporaryFolder(), 'v2'), { version: 'v2', seed: 2 });
    const error = await publishElsewhere(folder, two, { blocks: 200 });
    expect(error).toMatchObject({ code: 'DISK_FULL', boundary: 'server' });
    expect(visible(folder)).toEqual(['live.json', 'v1']);
    expect((await before.live())?.version).toBe('v1');
    expect(await publishElsewhere(folder, two, {})).toBeUndefined();
    expect(visible(folder)).toEqual(['live.json', 'v1', 'v2']);
  });

  it('takes away what a killed publication left, with the next one of that version', async () => {
    const folder = temporaryFolder();
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await publishElsewhere(folder, one, { isKilled: true });
    expect(visible(folder)).toEqual(['.v1.part']);
    const server = llamaCppServer({ folder });
    expect(await server.versions()).toEqual([]);
    expect(await publishElsewhere(folder, one, {})).toBeUndefined();
    expect(visible(folder)).toEqual(['v1']);
    expect(existsSync(join(folder, 'v1', 'model-f16.gguf'))).toBe(true);
  });
});

/** Publishes in a process of its own, whose files may not grow beyond so many blocks of 512 bytes, or which is killed on the way. */
async function publishElsewhere(
  folder: string,
  checkpoint: Checkpoint,
  { blocks, isKilled = false }: { readonly blocks?: number; readonly isKilled?: boolean },
): Promise<unknown> {
  const program = fileURLToPath(new URL('./fixtures/publish.ts', import.meta.url));
  const limited = `${blocks === undefined ? '' : `ulimit -f ${blocks};`} exec "$0" "$@"`;
  const args = ['-c', limited, process.execPath, program, folder, JSON.stringify(checkpoint), String(isKilled)];
  const { stdout } = await promisify(execFile)('sh', args).catch(
    (error: unknown) => error as { readonly stdout: string },
  );
  return stdout === '' ? undefined : JSON.parse(stdout);
}
