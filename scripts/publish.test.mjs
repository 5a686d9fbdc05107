import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, readJson, toolchainPaths, workspaceFolders } from './bootstrap/paths.mjs';

const paths = toolchainPaths(repositoryRoot);
const packages = workspaceFolders(repositoryRoot).map((folder) => {
  const manifest = readJson(join(repositoryRoot, folder, 'package.json'));
  return { name: String(manifest.name), folder: join(repositoryRoot, folder), tarball: `${basename(folder)}.tgz` };
});
// The conformance suites are for a test run: importing them outside of one is an error of vitest.
const importable = packages.filter(({ name }) => name !== '@skillrl/testing');

const needsBootstrap = `needs pnpm, which "npm test" fetches into ${paths.pnpmFolder}`;

describe.skipIf(!existsSync(paths.pnpm))(existsSync(paths.pnpm) ? 'the published packages' : needsBootstrap, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'skillrl-published-'));
    run(
      join(paths.bin, 'turbo'),
      ['run', 'build', '--output-logs=errors-only', '--ui=stream', '--concurrency=2'],
      repositoryRoot,
    );
    for (const one of packages) run(paths.pnpm, ['pack', '--out', join(folder, one.tarball)], one.folder);
    install(folder);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);

  it.each(packages)('$name holds its compiled sources, and neither tests nor TypeScript', ({ name }) => {
    const installed = join(folder, 'node_modules', name);
    const manifest = readJson(join(installed, 'package.json'));
    expect(existsSync(join(installed, manifest.exports['.'].default))).toBe(true);
    expect(existsSync(join(installed, manifest.exports['.'].types))).toBe(true);
    expect(JSON.stringify(manifest)).not.toContain('workspace:');
    const files = run('tar', ['-tzf', join(folder, `${basename(name)}.tgz`)], folder)
      .trim()
      .split('\n');
    expect(files.filter((file) => /\.test\.|\/fixtures\/|(?<!\.d)\.ts$/.test(file))).toEqual([]);
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
});

function sources() {
  return Object.fromEntries(importable.map(({ name, folder }) => [name, `file://${join(folder, 'src', 'index.ts')}`]));
}

/** Installs the packed packages in a folder that knows nothing of the workspace. @param {string} folder */
function install(folder) {
  const dependencies = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:./${tarball}`]));
  const types = readJson(join(repositoryRoot, 'package.json')).devDependencies['@types/node'];
  const manifest = { private: true, type: 'module', dependencies, devDependencies: { '@types/node': types } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const cpuOnly =
    readFileSync(join(repositoryRoot, 'pnpm-workspace.yaml'), 'utf8').match(/^ {2}node-llama-cpp>.*$/gm) ?? [];
  const overrides = [...cpuOnly, ...Object.entries(dependencies).map(([name, from]) => `  '${name}': '${from}'`)];
  writeFileSync(
    join(folder, 'pnpm-workspace.yaml'),
    ['autoInstallPeers: false', 'strictDepBuilds: false', 'overrides:', ...overrides, ''].join('\n'),
  );
  run(paths.pnpm, ['install', '--ignore-scripts', '--prefer-offline', '--reporter=append-only'], folder);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {{ readonly mayFail?: boolean }} [options]
 */
function run(command, args, cwd, { mayFail = false } = {}) {
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), paths.bin, paths.pnpmBin, process.env['PATH']].join(delimiter),
  };
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    if (mayFail) return stdout;
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}
