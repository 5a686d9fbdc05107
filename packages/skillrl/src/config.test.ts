import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { environmentName, loadConfig } from './config.ts';

describe('loadConfig', () => {
  it('takes flags over variables over the file over the defaults, and says where each value came from', async () => {
    const directory = temporaryFolder();
    writeFileSync(
      join(directory, 'skillrl.config.mjs'),
      "export default { model: 'ollama:a', budgetTokens: 100, workers: 3 };",
    );
    const { config, values } = await loadConfig({
      directory,
      environment: { SKILLRL_BUDGET_TOKENS: '200', SKILLRL_WORKERS: '5' },
      flags: { workers: '7' },
    });
    expect(config).toMatchObject({ model: 'ollama:a', budgetTokens: 200, workers: 7, embedder: 'compact' });
    const sources = Object.fromEntries(values.map(({ key, source }) => [key, source]));
    expect(sources).toMatchObject({ workers: '--workers', budgetTokens: 'SKILLRL_BUDGET_TOKENS', embedder: 'default' });
    expect(sources['model']).toContain('skillrl.config.mjs');
  });

  it('names the setting, its value and where it came from when it is wrong', async () => {
    await expect(
      loadConfig({ directory: temporaryFolder(), environment: { SKILLRL_WORKERS: 'many' } }),
    ).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      boundary: 'config',
      message: expect.stringMatching(/workers.*"many".*SKILLRL_WORKERS/s),
    });
  });

  it('refuses a setting it does not know', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'skillrl.config.mjs'), 'export default { modle: 1 };');
    await expect(loadConfig({ directory, environment: {} })).rejects.toThrow(/'modle'/);
  });

  it('reads a configuration written in TypeScript', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'skillrl.config.ts'), "export default { folder: 'x' as string };");
    expect((await loadConfig({ directory, environment: {} })).config.folder).toBe('x');
  });

  it('spells environment variables in capitals', () => {
    expect(environmentName('embedderTimeoutMs')).toBe('SKILLRL_EMBEDDER_TIMEOUT_MS');
  });
});
