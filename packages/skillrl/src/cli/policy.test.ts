import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { builtinPolicyFolder, chatModel } from '@skillrl/drivers';
import { startOllamaWireServer, temporaryFolder, writeTinyCheckpoint, type OllamaWireServer } from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly lines: readonly Record<string, unknown>[];
  readonly error: Record<string, unknown> | undefined;
}

describe('skillrl policy', () => {
  let wire: OllamaWireServer;
  const cwd = temporaryFolder();
  const exports = temporaryFolder();
  beforeAll(async () => {
    wire = await startOllamaWireServer();
    for (const seed of [1, 2, 3]) writeTinyCheckpoint(join(exports, `e${seed}`), { seed, kind: 'full' });
    for (const seed of [1, 2, 3])
      writeFileSync(
        join(exports, `e${seed}`, 'manifest.json'),
        JSON.stringify({ base_sha256: 'b'.repeat(64), is_lora: false }),
      );
  });
  afterAll(() => wire.close());

  const skillrl = (...args: readonly string[]): Promise<Ran & { readonly stdout: string; readonly stderr: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, OLLAMA_HOST: wire.url };
      execFile(process.execPath, [program, 'policy', ...args], { cwd, env }, (error, stdout, stderr) => {
        const parsed = (text: string): Record<string, unknown>[] =>
          args.includes('--json')
            ? text
                .split('\n')
                .filter(Boolean)
                .map((line) => JSON.parse(line) as Record<string, unknown>)
            : [];
        const code = error === null ? 0 : ((error as { code?: number }).code ?? 1);
        resolve({ code, stdout, stderr, lines: parsed(stdout), error: parsed(code === 0 ? '' : stderr)[0] });
      });
    });
  const say = async (spec: unknown): Promise<string> => {
    const model = chatModel(String(spec));
    const { text } = await model.chat({ prompt: ' go to', temperature: 0, maxTokens: 8 });
    await model.close?.();
    return text;
  };

  it('takes versions in, publishes them in the project and in Ollama, goes back, and says what became of each', async () => {
    expect((await skillrl('list')).stdout).toMatch(/no version yet.*policy add/);
    for (const [number, more] of [
      [1, []],
      [2, ['--parent', 'v1', '--bank-revision', '7']],
      [3, ['--as', 'v3', '--parent', 'v2']],
    ] as const) {
      const { lines } = await skillrl('add', join(exports, `e${number}`), ...more, '--json');
      expect(lines).toMatchObject([{ version: `v${number}`, kind: 'full', base: 'b'.repeat(64) }]);
    }
    const first = await skillrl('publish', 'v1', '--json');
    expect(first.lines).toMatchObject([{ version: 'v1', server: 'llama-cpp', live: true }]);
    const second = await skillrl('publish', 'v2', '--json');
    const [one, two] = [await say(first.lines[0]?.['model']), await say(second.lines[0]?.['model'])];
    expect(two).not.toBe(one);
    const liveModel = second.lines[0]?.['liveModel'];
    expect(await say(liveModel)).toBe(two);
    const back = await skillrl('rollback', '--json');
    expect(back.lines).toMatchObject([{ version: 'v1', server: 'llama-cpp' }]);
    expect(await say(liveModel)).toBe(one);

    const inOllama = await skillrl('publish', 'v3', '--to', 'ollama:mine', '--json');
    expect(inOllama.lines).toMatchObject([
      { server: `ollama:mine@${wire.url}`, liveModel: `ollama:mine:live@${wire.url}` },
    ]);
    expect(await say(inOllama.lines[0]?.['liveModel'])).toBe(
      await say(`llama:${join(exports, 'e3', 'model-f16.gguf')}`),
    );
    // The last publication went to Ollama, so this one does, too.
    expect((await skillrl('publish', 'v2', '--no-live', '--json')).lines).toMatchObject([{ live: false }]);

    const { lines } = await skillrl('list', '--json');
    expect(
      lines.map(({ version, status, liveAt, parent, bankRevision }) => [version, status, liveAt, parent, bankRevision]),
    ).toEqual([
      ['v1', 'live', ['llama-cpp'], undefined, undefined],
      ['v2', 'rolled back', [], 'v1', 7],
      ['v3', 'live', [`ollama:mine@${wire.url}`], 'v2', undefined],
    ]);
    expect((await skillrl('list')).stdout).toMatch(/v2 +rolled back +full +v1 +r7 +[0-9a-f]{12}/);
    expect((await skillrl('rollback', '--json')).error).toMatchObject({ code: 'NOTHING_BEFORE' });
    expect((await skillrl('rollback', 'v2', '--json')).lines).toMatchObject([
      { version: 'v2', server: `ollama:mine@${wire.url}` },
    ]);
  }, 120_000);

  it('compares two versions', async () => {
    expect(existsSync(builtinPolicyFolder('warm'))).toBe(true);
    const { code, lines } = await skillrl('diff', 'builtin:warm', 'builtin:base', '--json');
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ a: 'builtin:warm', b: 'builtin:base', answers: { texts: 32 } }]);
    expect((await skillrl('diff', 'builtin:warm', 'builtin:warm')).stdout).toMatch(/KL\(.*\) +0\.0000 nats/);
  }, 120_000);

  it.each([
    ['VERSION_UNKNOWN', 2, ['publish', 'v99']],
    ['VERSION_UNKNOWN', 2, ['rollback', 'v99']],
    ['VERSION_UNKNOWN', 2, ['diff', 'v99', 'builtin:warm']],
    ['VERSION_UNKNOWN', 2, ['add', join(exports, 'e1'), '--parent', 'v99']],
    ['VERSION_INVALID', 5, ['add', join(exports, 'e1'), '--as', 'a/b']],
    ['VERSION_EXISTS', 2, ['add', join(exports, 'e2'), '--as', 'v1']],
    ['CHECKPOINT_INCOMPLETE', 2, ['add', exports]],
    ['SERVER_SPEC_INVALID', 3, ['publish', 'v1', '--to', 'the cloud']],
    ['SERVER_UNREACHABLE', 5, ['publish', 'v1', '--to', 'ollama:mine@http://127.0.0.1:9']],
    ['CHECKPOINT_UNSUPPORTED', 5, ['publish', 'v1', '--to', 'vllm:mine@http://127.0.0.1:9/v1']],
    ['POLICIES_DIFFER', 2, ['diff', 'v1', 'builtin:warm']],
    ['PROMPTS_MISSING', 2, ['diff', 'v1', 'v2', '--prompts', 'nowhere.txt']],
  ])('refuses with %s and exits with %i: %j', async (code, exit, args) => {
    const ran = await skillrl(...args, '--json');
    expect(ran).toMatchObject({ code: exit, lines: [], error: { code, hint: expect.any(String) as string } });
  });

  it('refuses to publish a version whose file was changed, or whose record was', async () => {
    const folder = join(cwd, '.skillrl', 'policies');
    const gguf = join(folder, 'v3', 'model-f16.gguf');
    const whole = readFileSync(gguf);
    appendFileSync(gguf, '!');
    const corrupt = await skillrl('publish', 'v3', '--to', 'llama-cpp', '--json');
    expect(corrupt.error).toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    writeFileSync(gguf, whole);
    const record = join(folder, 'v3', 'checkpoint.json');
    const text = readFileSync(record, 'utf8');
    writeFileSync(record, text.slice(0, 50));
    expect((await skillrl('list', '--json')).error).toMatchObject({ code: 'REGISTRY_DAMAGED' });
    rmSync(record);
    expect((await skillrl('list', '--json')).lines).toHaveLength(2);
    writeFileSync(record, text);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  /** A project of its own, with v1 and v2, of which v2 is live. */
  const withTwo = async () => {
    const folder = temporaryFolder();
    const run = (...args: readonly string[]) => skillrl(...args, '--folder', folder);
    for (const number of [1, 2]) {
      await run('add', join(exports, `e${number}`));
      expect(await run('publish', `v${number}`)).toMatchObject({ code: 0 });
    }
    const gguf = (place: 'policies' | 'served/llama-cpp', version: string) =>
      join(folder, place, version, 'model-f16.gguf');
    return { folder, run, gguf, served: join(folder, 'served', 'llama-cpp') };
  };

  it('puts the registry’s files in the place of damaged served ones, and makes nothing live when both are damaged', async () => {
    const { run, gguf } = await withTwo();
    const whole = readFileSync(gguf('policies', 'v1'));
    for (const [damaged, args] of [
      [whole.subarray(0, 1_000), ['rollback']],
      [Buffer.from(whole).fill(7, 500), ['publish', 'v1']],
    ] as const) {
      writeFileSync(gguf('served/llama-cpp', 'v1'), damaged);
      expect(await run(...args)).toMatchObject({ code: 0 });
      expect(readFileSync(gguf('served/llama-cpp', 'v1')).equals(whole)).toBe(true);
    }
    for (const place of ['policies', 'served/llama-cpp'] as const) appendFileSync(gguf(place, 'v2'), '!');
    const refused = await run('publish', 'v2', '--json');
    expect(refused.error).toMatchObject({ code: 'CHECKPOINT_CORRUPT', hint: expect.any(String) as string });
    expect((await run('list')).stdout).toMatch(/v1 +live +llama-cpp/);
  }, 120_000);

  it('names the damaged file that tells what is live, and is mended as it says', async () => {
    const { run, served } = await withTwo();
    const file = join(served, 'live.json');
    writeFileSync(file, '{"version"');
    for (const args of [['list'], ['publish', 'v2'], ['rollback']]) {
      const { code, error } = await run(...args, '--json');
      expect([code, error?.['code'], error?.['message']]).toEqual([5, 'SERVED_DAMAGED', expect.stringContaining(file)]);
      expect(error?.['hint']).toMatch(/Delete it, and publish the version again/);
    }
    rmSync(file);
    const lost = await run('list');
    expect(lost.stdout).toMatch(/v2 +gone +full/);
    expect(lost.stderr).toMatch(/v2, which was live at llama-cpp, is gone there.* publish v2 --to llama-cpp$/m);
    expect(await run('publish', 'v2')).toMatchObject({ code: 0 });
    expect(await run('list')).toMatchObject({ stdout: expect.stringMatching(/v2 +live +llama-cpp/), stderr: '' });
  }, 120_000);

  it('says that the live version was deleted, from the registry, the server or both, and what to do', async () => {
    const { folder, run, gguf, served } = await withTwo();
    rmSync(gguf('served/llama-cpp', 'v2'));
    expect((await run('list', '--json')).lines).toMatchObject([
      { version: 'v1', status: 'replaced' },
      { version: 'v2', status: 'gone', liveAt: [] },
    ]);
    await run('publish', 'v2');
    rmSync(join(folder, 'policies', 'v2'), { recursive: true });
    expect((await run('list')).stderr).toMatch(/^v2 is live at llama-cpp, but gone from .*policies/);
    rmSync(join(served, 'v2'), { recursive: true });
    expect((await run('list')).stderr).toMatch(/^v2, which was live at llama-cpp, is gone there and from .*policies/);
    expect(await run('publish', 'v1', '--to', 'llama-cpp')).toMatchObject({ code: 0 });
    expect(await run('list')).toMatchObject({ stdout: expect.stringMatching(/v1 +live +llama-cpp/), stderr: '' });
  }, 120_000);
});
