import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { isRequired, requirement } from './requirement.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('requirement', () => {
  it('finds the data that SKILLRL_DATA names, and a part of it', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'alfworld'));
    const env = { SKILLRL_DATA: folder };
    expect(requirement('data', { env })).toMatchObject({ available: true, path: folder });
    expect(requirement('data', { env, part: 'alfworld' })).toMatchObject({
      available: true,
      path: join(folder, 'alfworld'),
    });
  });

  it('says what is missing and where it looked', () => {
    const env = { SKILLRL_DATA: temporaryFolder() };
    expect(requirement('data', { env, part: 'webshop' })).toMatchObject({
      available: false,
      reason: `the data has no webshop (SKILLRL_DATA is ${env.SKILLRL_DATA})`,
    });
  });

  it('finds no Python and no compiler on an empty path', () => {
    const env = { PATH: temporaryFolder() };
    expect(requirement('python', { env })).toMatchObject({
      available: false,
      reason: 'no Python 3.10 or newer with venv (tried python3, python)',
    });
    expect(requirement('compiler', { env })).toMatchObject({ available: false, reason: 'no C++ compiler' });
  });
});

describe('isRequired', () => {
  it('reads the list of SKILLRL_REQUIRE', () => {
    const env = { SKILLRL_REQUIRE: 'data, python' };
    expect(['data', 'python', 'compiler'].map((name) => isRequired(name, env))).toEqual([true, true, false]);
    expect(isRequired('data', {})).toBe(false);
  });
});
