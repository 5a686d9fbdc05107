// `node scripts/walk-packed.mjs`: the guides' programs outside of this repository, as somebody runs them who installed the packages: packed,
// installed by npm beside LangChain, as an ES module and as CommonJS, with Node 22 and 24. Takes some minutes.
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from './bootstrap/paths.mjs';
import { packPackages } from './publish/pack-packages.mjs';

/** Programs of the guides that need no server. */
const programs = ['agent', 'chain', 'graph', 'feedback', 'tenants', 'mcp'];
const systems = /** @type {const} */ (['mjs', 'cjs']);
const nodeVersions = ['22', '24'];
const beside = {
  langchain: '1.5.14',
  '@langchain/core': '1.4.0',
  '@langchain/langgraph': '1.7.3',
  '@modelcontextprotocol/sdk': '1.32.2',
  zod: '^4.6.7',
};

const folder = mkdtempSync(join(tmpdir(), 'skillrl-walk-'));
try {
  const failures = walk();
  console.log(failures.length === 0 ? 'All walks ended well.' : `${failures.length} walks failed.`);
  for (const failure of failures) console.error(`\n${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @returns {string[]} what failed. */
function walk() {
  console.log('Building and packing …');
  const packages = packPackages(folder).filter(({ name }) => name !== '@skillrl/testing');
  const app = join(folder, 'app');
  mkdirSync(app);
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${join(folder, tarball)}`]));
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, dependencies: { ...tarballs, ...beside } }));
  console.log('Installing with npm …');
  npm(['install', '--prefer-offline'], app);
  const files = readdirSync(join(app, 'node_modules'), { recursive: true, withFileTypes: true });
  const bytes = files.reduce((sum, file) => sum + lstatSync(join(file.parentPath, file.name)).size, 0);
  console.log(`Installed, with LangChain and the protocol's SDK: ${Math.round(bytes / 1e6)} MB.`);
  for (const program of programs) {
    for (const system of systems) writeFileSync(join(app, `${program}.${system}`), programText(program, system));
  }
  const failures = [];
  for (const version of nodeVersions) {
    const node = installedNode(version);
    const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    for (const system of systems) {
      for (const program of programs) {
        const what = `${program} ${system} Node ${exact}`;
        const problem = problemOf(node, join(app, `${program}.${system}`), printedBy(program));
        console.log(`${problem === undefined ? 'ok    ' : 'failed'}  ${what}`);
        if (problem !== undefined) failures.push(`${what}:\n${problem}`);
      }
    }
  }
  return failures;
}

/** A program of the guides as JavaScript of a module system. @param {string} program @param {'mjs' | 'cjs'} system */
function programText(program, system) {
  const source = readFileSync(join(repositoryRoot, 'docs', 'examples', `${program}.ts`), 'utf8');
  const text = stripTypeScriptTypes(source);
  if (system === 'mjs') return text;
  const imports = /^import (\{[^}]*\}) from ('[^']+');$/gm;
  const required = [...text.matchAll(imports)].map(([, names, from]) => `const ${names} = require(${from});`);
  return `${required.join('\n')}\n(async () => {${text.replace(imports, '')}})();\n`;
}

/** What the guide says that its program prints. @param {string} program */
function printedBy(program) {
  const guide = readFileSync(join(repositoryRoot, 'docs', 'guides', `${program}.md`), 'utf8');
  return /^```text\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? '';
}

/** @param {string} node @param {string} program @param {string} expected @returns {string | undefined} */
function problemOf(node, program, expected) {
  const cwd = mkdtempSync(join(folder, 'run-'));
  // Nothing is withheld by chance, so that what is printed is the same each time.
  const env = { ...process.env, SKILLRL_WITHHOLDING: '0' };
  const { status, stdout, stderr } = spawnSync(node, [program], { cwd, env, encoding: 'utf8', timeout: 120_000 });
  if (status === 0 && stdout === expected) return undefined;
  return `exit code ${status}\n${stdout}${stderr}`.trim();
}

/** @param {string} version @returns {string} the path of a Node of the npm registry. */
function installedNode(version) {
  const place = join(folder, `node-${version}`);
  mkdirSync(place);
  writeFileSync(join(place, 'package.json'), '{"private":true}');
  npm(['install', `node@${version}`], place);
  return join(place, 'node_modules', 'node', 'bin', 'node');
}

/** @param {readonly string[]} args @param {string} cwd */
function npm(args, cwd) {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, stdio: 'inherit' });
}
