import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, readJson, toolchainPaths } from './bootstrap/paths.mjs';
import { packPackages, publishedPackages as packages, runTool as run } from './publish/pack-packages.mjs';

const paths = toolchainPaths(repositoryRoot);
// The conformance suites are for a test run: importing them outside of one is an error of vitest.
const importable = packages.filter(({ name }) => name !== '@skillrl/testing');

const needsBootstrap = `needs pnpm, which "npm test" fetches into ${paths.pnpmFolder}`;

describe.skipIf(!existsSync(paths.pnpm))(existsSync(paths.pnpm) ? 'the published packages' : needsBootstrap, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skillrl-published-'));
    packPackages(folder);
    install(folder);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);

  it.each(packages)('$name holds its compiled sources, and neither tests nor TypeScript', ({ name }) => {
    const installed = join(folder, 'node_modules', name);
    const manifest = readJson(join(installed, 'package.json'));
    const targets = targetsIn(manifest.exports);
    expect(targets.filter((target) => /\.[cm]?js$/.test(target))).not.toEqual([]);
    expect(targets.filter((target) => /\.d\.[cm]?ts$/.test(target))).not.toEqual([]);
    expect([...targets, ...targetsIn(manifest.bin)].filter((target) => !existsSync(join(installed, target)))).toEqual(
      [],
    );
    expect(JSON.stringify(manifest)).not.toContain('workspace:');
    const files = run('tar', ['-tzf', join(folder, `${basename(name)}.tgz`)], folder)
      .trim()
      .split('\n');
    expect(files.filter((file) => /\.test\.|\/fixtures\/|(?<!\.d)\.[cm]?ts$/.test(file))).toEqual([]);
  });

  it('export at run time what their sources export', async () => {
    const program = `
      const names = ${JSON.stringify(importable.map(({ name }) => name))};
      const exported = await Promise.all(names.map(async (name) => [name, Object.keys(await import(name)).sort()]));
      console.log(JSON.stringify(Object.fromEntries(exported)));
    `;
    writeFileSync(join(folder, 'program.mjs'), program);
    const fromPackages = JSON.parse(run(process.execPath, ['program.mjs'], folder));
    writeFileSync(
      join(folder, 'sources.mjs'),
      program
        .replace('import(name)', 'import(sources[name])')
        .replace('const names', `const sources = ${JSON.stringify(sources())};\nconst names`),
    );
    expect(fromPackages).toEqual(JSON.parse(run(process.execPath, ['sources.mjs'], folder)));
  });

  it('are found in every way that resolvers look for code and types', async () => {
    for (const { folder: source, tarball } of packages) {
      const { name, publishConfig } = readJson(join(source, 'package.json'));
      const isForBoth = publishConfig.exports['.'].require !== undefined;
      const { entries, problems } = await foundOf(readFileSync(join(folder, tarball)), isForBoth);
      const named = Object.keys(publishConfig.exports).filter((entry) => entry !== './package.json');
      expect({ name, entries, problems }).toEqual({ name, entries: named, problems: [] });
    }
  });

  it('export the same to CommonJS, where they are made for both', () => {
    const both = importable.filter(({ folder }) => {
      const { publishConfig } = readJson(join(folder, 'package.json'));
      return publishConfig.exports['.'].require !== undefined;
    });
    expect(both.map(({ name }) => name)).toContain('@skillrl/langchain');
    for (const { name } of both) {
      const keys = (/** @type {string} */ module) => `Object.keys(${module}).sort().join()`;
      const text = `const one = require('${name}'); import('${name}').then((other) => console.log(${keys('one')} === ${keys('other')}));`;
      writeFileSync(join(folder, 'both.cjs'), text);
      expect(run(process.execPath, ['both.cjs'], folder)).toBe('true\n');
    }
  });

  it('have types that a program outside can be compiled against', () => {
    const lines = importable.map(
      ({ name }, index) => `import * as p${index} from '${name}';\nexport type P${index} = typeof p${index};`,
    );
    writeFileSync(join(folder, 'program.ts'), lines.join('\n'));
    const options = {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      lib: ['es2024', 'esnext.disposable', 'dom'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }));
    const ours = run(join(paths.bin, 'tsc'), ['-p', '.', '--pretty', 'false'], folder, { mayFail: true })
      .split('\n')
      .filter((line) => /program\.ts|skillrl/.test(line));
    expect(ours).toEqual([]);
  });

  it('bring the command skillrl', () => {
    expect(run(join(folder, 'node_modules', '.bin', 'skillrl'), ['--help'], folder)).toContain('skillrl');
  });

  it('say what to install where a model in the process is asked for, and install nothing of it by themselves', () => {
    const installed = readdirSync(join(folder, 'node_modules', '.pnpm'));
    expect(installed.filter((name) => /^(@node-llama-cpp|node-llama-cpp|onnxruntime|@tensorflow)/.test(name))).toEqual(
      [],
    );
    const doctor = run(join(folder, 'node_modules', '.bin', 'skillrl'), ['doctor'], folder, { mayFail: true });
    expect(doctor).toMatch(/model .*npm install node-llama-cpp@/);
    expect(doctor).toMatch(/ok +embedder/);
  });
});

/** The files that an exports map, or a `bin`, names, however deep. @param {unknown} map @returns {string[]} */
function targetsIn(map) {
  if (typeof map === 'string') return [map];
  return Object.values(/** @type {object} */ (map ?? {})).flatMap((value) => targetsIn(value));
}

/**
 * What publint and attw have to say of a packed package, and the entries that attw looked at.
 *
 * @param {Uint8Array<ArrayBuffer>} tarball
 * @param {boolean} isForBoth ES modules and CommonJS; resolvers that know no `exports` find nothing in a package of ES modules alone.
 */
async function foundOf(tarball, isForBoth) {
  const { buffer, byteOffset, byteLength } = tarball;
  const { messages } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) },
    strict: true,
  });
  const found = await checkPackage(createPackageFromTarballData(tarball));
  if (found.types === false) return { entries: [], problems: [...messages, 'it has no types'] };
  const problems = found.problems.filter(
    (problem) =>
      isForBoth ||
      !(problem.kind === 'CJSResolvesToESM' || ('resolutionKind' in problem && problem.resolutionKind === 'node10')),
  );
  const entries = Object.keys(found.entrypoints).filter((entry) => entry !== './package.json');
  return { entries, problems: [...messages, ...problems] };
}

function sources() {
  return Object.fromEntries(importable.map(({ name, folder }) => [name, `file://${join(folder, 'src', 'index.ts')}`]));
}

/** What the importable packages cannot do without, in the versions they are tested with. Optional peers are not there. */
function peers() {
  const manifests = importable.map((one) => readJson(join(one.folder, 'package.json')));
  const named = manifests.flatMap(({ peerDependencies = {}, peerDependenciesMeta = {}, devDependencies = {} }) =>
    Object.keys(peerDependencies)
      .filter((name) => peerDependenciesMeta[name]?.optional !== true)
      .map((name) => [name, devDependencies[name]]),
  );
  return Object.fromEntries(named.filter(([, version]) => version !== undefined));
}

/** Installs the packed packages in a folder that knows nothing of the workspace. @param {string} folder */
function install(folder) {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:./${tarball}`]));
  const types = readJson(join(repositoryRoot, 'package.json')).devDependencies['@types/node'];
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...dependencies, ...peers() },
    devDependencies: { '@types/node': types },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const overrides = Object.entries(dependencies).map(([name, from]) => `  '${name}': '${from}'`);
  writeFileSync(
    join(folder, 'pnpm-workspace.yaml'),
    ['autoInstallPeers: false', 'strictDepBuilds: false', 'overrides:', ...overrides, ''].join('\n'),
  );
  run(paths.pnpm, ['install', '--ignore-scripts', '--prefer-offline', '--reporter=append-only'], folder);
}
