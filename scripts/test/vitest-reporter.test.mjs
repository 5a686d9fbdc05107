import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '..', '..', 'node_modules');

it('reports every ending of a test, a file that does not load, and an error outside of tests', () => {
  const outcome = run({
    'endings.test.mjs': `
      import { describe, expect, it } from 'vitest';
      it('passes', () => expect(1).toBe(1));
      it('fails', () => expect(1).toBe(2));
      it('says why', ({ skip }) => skip('no data here'));
      describe.skip('needs python: not found', () => it('runs', () => {}));
      it.skip('is silent', () => {});
    `,
    'broken.test.mjs': `import './absent.mjs';`,
    'late.test.mjs': `
      import { it } from 'vitest';
      it('leaves a rejection behind', () => { void Promise.reject(new Error('nobody caught this')); });
    `,
  });
  expect(outcome.passed).toBe(2);
  expect(outcome.skipped).toEqual([
    { name: 'endings.test.mjs > says why', reason: 'no data here' },
    { name: 'endings.test.mjs > needs python: not found > runs', reason: 'needs python: not found' },
  ]);
  expect(outcome.failed.map(({ name, reason }) => `${name}: ${reason}`).sort()).toEqual([
    expect.stringMatching(/^broken\.test\.mjs: .*absent/),
    'endings.test.mjs > fails: expected 1 to be 2 // Object.is equality',
    'endings.test.mjs > is silent: skipped without a reason',
    'outside any test: nobody caught this',
  ]);
});

/** @param {Record<string, string>} files @returns {import('./outcome.mjs').Outcome} */
function run(files) {
  const folder = mkdtempSync(join(tmpdir(), 'reporter-'));
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const report = join(folder, 'outcome.json');
    const args = [join(modules, 'vitest', 'vitest.mjs'), 'run', `--reporter=${join(here, 'vitest-reporter.mjs')}`];
    const env = { ...process.env, SKILLRL_TEST_OUTCOME: report };
    try {
      execFileSync(process.execPath, args, { cwd: folder, env, stdio: 'pipe' });
    } catch {
      // A failing test ends vitest with a code other than 0.
    }
    return JSON.parse(readFileSync(report, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
