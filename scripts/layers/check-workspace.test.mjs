import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkWorkspace } from './check-workspace.mjs';
import { readWorkspace } from './read-workspace.mjs';

/** @type {string[]} */
const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('checkWorkspace', () => {
  it('accepts a workspace that agrees with its layers', () => {
    expect(problemsOf({})).toEqual([]);
  });

  it('names a package.json that depends on a layer above', () => {
    const manifest = { name: '@x/core', dependencies: { '@x/drivers': 'workspace:*' } };
    expect(problemsOf({ 'core/package.json': manifest, 'core/src/up.ts': `import '@x/drivers';` })).toEqual([
      'packages/core/package.json: dependencies names @x/drivers, which layers.json does not allow',
      'packages/core/src/up.ts:1: imports @x/drivers, which layers.json does not allow',
      'packages: dependency cycle: @x/core → @x/drivers → @x/core',
    ]);
  });

  it.each([
    ['a static import', `import { a } from 'left-pad';`],
    ['a type import', `import type { A } from 'left-pad';`],
    ['a re-export', `export { a } from 'left-pad';`],
    ['an import call', `export const a = () => import('left-pad/deep');`],
    ['an import type', `export type A = import('left-pad').A;`],
  ])('sees %s of a package that is not allowed', (_, line) => {
    expect(problemsOf({ 'core/src/extra.ts': `// first line\n${line}\n` })).toEqual([
      'packages/core/src/extra.ts:2: imports left-pad, which layers.json does not allow',
    ]);
  });

  it('is not misled by comments and strings that look like imports', () => {
    const source = "// import 'left-pad'\nexport const text = `import 'left-pad'`;\n/* export * from 'left-pad' */\n";
    expect(problemsOf({ 'core/src/extra.ts': source })).toEqual([]);
  });

  it('keeps packages without I/O from modules that read or write', () => {
    const source = `import { readFileSync } from 'node:fs';\nimport { createHash } from 'node:crypto';\nimport os from 'os';\n`;
    expect(problemsOf({ 'core/src/extra.ts': source })).toEqual([
      'packages/core/src/extra.ts:1: imports node:fs; core does no I/O (layers.json)',
      'packages/core/src/extra.ts:3: imports os without node:',
    ]);
    expect(problemsOf({ 'drivers/src/extra.ts': `import { readFileSync } from 'node:fs';` })).toEqual([]);
  });

  it('lets tests import test packages and files, and sources neither', () => {
    const source = `import { it } from 'vitest';\nimport { fake } from '@x/testing';\nimport { readFileSync } from 'node:fs';\n`;
    expect(problemsOf({ 'core/src/word.test.ts': source })).toEqual([]);
    expect(problemsOf({ 'core/src/word.ts': source })).toHaveLength(3);
  });

  it('finds an allowed package that package.json does not name, and a named one that nothing imports', () => {
    const manifest = { name: '@x/drivers', dependencies: { '@x/core': 'workspace:*', zod: '^4.0.0' } };
    const files = {
      'drivers/package.json': manifest,
      'drivers/src/index.ts': `import '@x/core';\nimport 'ollama';\n`,
    };
    expect(problemsOf(files)).toEqual([
      'packages/drivers/package.json: dependencies names zod, which no file imports',
      'packages/drivers/src/index.ts:2: imports ollama, which package.json does not name',
    ]);
  });

  it('finds a relative import that leaves the package, and one that leads nowhere', () => {
    const source = `import '../../core/src/index.ts';\nimport './gone.ts';\n`;
    expect(problemsOf({ 'drivers/src/extra.ts': source })).toEqual([
      'packages/drivers/src/extra.ts:1: imports ../../core/src/index.ts, outside its package',
      'packages/drivers/src/extra.ts:2: imports ./gone.ts, which does not exist',
    ]);
  });

  it('finds a cycle of files and says whether only types make it', () => {
    const cycle = {
      'core/src/a.ts': `import './b.ts';`,
      'core/src/b.ts': `import './c.ts';`,
      'core/src/c.ts': `import './a.ts';`,
    };
    expect(problemsOf(cycle)).toEqual(['packages/core: import cycle: src/a.ts → src/b.ts → src/c.ts → src/a.ts']);
    expect(problemsOf({ ...cycle, 'core/src/c.ts': `import type { A } from './a.ts';` })).toEqual([
      'packages/core: import cycle of types: src/a.ts → src/b.ts → src/c.ts → src/a.ts',
    ]);
  });

  it('finds a package without a layer and a layer without a package', () => {
    expect(problemsOf({ 'extra/package.json': { name: '@x/extra' } })).toEqual([
      'packages/extra: layers.json has no entry for it',
    ]);
    const layers = { ...agreedLayers, gone: { packages: [], external: [], node: [] } };
    expect(problemsOf({ '../layers.json': layers })).toEqual(['layers.json: there is no package gone']);
  });
});

const agreedLayers = {
  $tests: { packages: ['testing'], external: ['vitest'] },
  core: { packages: [], external: [], node: ['node:crypto'] },
  drivers: { packages: ['core'], external: ['zod', 'ollama'], node: 'any' },
  testing: { packages: ['core'], external: ['vitest'], node: 'any' },
};

const agreed = {
  '../layers.json': agreedLayers,
  'core/package.json': { name: '@x/core', devDependencies: { '@x/testing': 'workspace:*' } },
  'core/src/index.ts': `export * from './word.ts';`,
  'core/src/word.ts': `export const word = 1;`,
  'drivers/package.json': { name: '@x/drivers', dependencies: { '@x/core': 'workspace:*' } },
  'drivers/src/index.ts': `export { word } from '@x/core';`,
  'testing/package.json': { name: '@x/testing', dependencies: { '@x/core': 'workspace:*' } },
  'testing/src/index.ts': `import type { word } from '@x/core';\nexport type Fake = typeof word;`,
};

/** The problems of the agreed workspace with some files changed or added; paths are relative to `packages`. @param {Record<string, unknown>} changes */
function problemsOf(changes) {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  folders.push(root);
  for (const [path, content] of Object.entries({ ...agreed, ...changes })) {
    const file = join(root, 'packages', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return checkWorkspace(readWorkspace(root));
}
