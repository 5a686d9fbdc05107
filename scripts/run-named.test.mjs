import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runNamed } from './run-named.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-named-'));
  writeFileSync(join(folder, 'speed.ts'), program('how fast'));
  writeFileSync(join(folder, 'speed-worker.ts'), 'throw new Error("a worker is not a program");');
  writeFileSync(join(folder, 'speed.test.ts'), 'throw new Error("a test is not a program");');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

describe('runNamed', () => {
  it('gives the program the arguments after its name', async () => {
    expect(await runNamed('measure', ['speed', '--games', '3'], folder)).toBe(0);
    expect(readFileSync(join(folder, 'ran'), 'utf8')).toBe('--games 3');
  });

  it('lists the programs with their descriptions when none is named', async () => {
    const log = vi.spyOn(console, 'log').mockReturnValue();
    expect(await runNamed('measure', [], folder)).toBe(0);
    const printed = log.mock.calls.map(([line]) => line).join('\n');
    expect(printed).toContain('how fast');
    expect(printed).not.toContain('speed-worker');
  });

  it('says which names there are for one that is not among them', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    expect(await runNamed('measure', ['sped'], folder)).toBe(2);
    expect(log).toHaveBeenCalledWith('There is no measure called sped; there are: speed.');
  });
});

/** @param {string} description */
function program(description) {
  return `
    import { writeFileSync } from 'node:fs';
    export const description: string = '${description}';
    export async function measure(args: readonly string[]): Promise<void> {
      writeFileSync(new URL('./ran', import.meta.url), args.join(' '));
    }
  `;
}
