import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { experiment } from './signals.ts';

describe('the studies of the signals', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signals-'));
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('write what they measured as data, as a page and as plots, the same each time', async () => {
    const args = ['--only', 'diversity-by-domain', '--seeds', '2', '--plots', folder, '--out'];
    await experiment([...args, join(folder, 'one')]);
    await experiment([...args, join(folder, 'two')]);
    const [one, two] = ['one', 'two'].map((name) =>
      JSON.parse(readFileSync(join(folder, name, 'report.json'), 'utf8')),
    );
    expect(one.studies[0].checks).toEqual(two.studies[0].checks);
    expect(one.studies[0].checks).toHaveLength(4);
    expect(one.studies[0].checks[0].values).toHaveLength(2);
    const page = readFileSync(join(folder, 'one', 'report.html'), 'utf8');
    expect(page).toMatch(/[0-4] of 4 claims hold/);
    expect(page).not.toMatch(/src=|href=|NaN|undefined/);
    expect(readFileSync(join(folder, 'diversity-by-domain.svg'), 'utf8')).toMatch(/^<svg/);
  });

  it('refuse names and numbers that are none', async () => {
    await expect(experiment(['--only', 'astrology'])).rejects.toThrow(/no study called astrology/);
    await expect(experiment(['--seeds', '1'])).rejects.toThrow(/at least 2/);
  });
});
