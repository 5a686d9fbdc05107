import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { findCycles } from './find-cycles.mjs';

/**
 * Every way in which a workspace differs from its `layers.json`, as sentences; none when it agrees.
 *
 * @param {import('./read-workspace.mjs').Workspace} workspace
 * @returns {readonly string[]}
 */
export function checkWorkspace(workspace) {
  const names = new Map(workspace.packages.map(({ folder, manifest }) => [manifest.name, folder]));
  const problems = workspace.packages.flatMap((one) => {
    const layer = workspace.layers[one.folder];
    if (!layer) return [`packages/${one.folder}: layers.json has no entry for it`];
    const context = { one, layer, tests: workspace.tests, names };
    return [...checkManifest(context), ...checkImports(context), ...checkFileCycles(one)];
  });
  const absent = Object.keys(workspace.layers).filter(
    (name) => !workspace.packages.some(({ folder }) => folder === name),
  );
  return [
    ...problems,
    ...absent.map((name) => `layers.json: there is no package ${name}`),
    ...checkPackageCycles(workspace),
  ];
}

/**
 * @typedef {object} Context
 * @property {import('./read-workspace.mjs').WorkspacePackage} one
 * @property {import('./read-workspace.mjs').Layer} layer
 * @property {import('./read-workspace.mjs').Workspace['tests']} tests
 * @property {ReadonlyMap<string, string>} names - from a package's npm name to its folder.
 */

const shipped = ['dependencies', 'peerDependencies', 'optionalDependencies'];

/** `package.json` names only what the layer allows, and nothing that no file imports. @param {Context} context */
function checkManifest({ one, layer, tests, names }) {
  const problems = [];
  const imported = new Set(one.files.flatMap(({ imports }) => imports.map(({ specifier }) => packageOf(specifier))));
  for (const field of [...shipped, 'devDependencies']) {
    for (const name of Object.keys(one.manifest[field] ?? {})) {
      const where = `packages/${one.folder}/package.json`;
      const forTests = field === 'devDependencies';
      if (name.startsWith('@types/') && forTests) continue;
      if (!isAllowed(name, { layer, tests, names, forTests })) {
        problems.push(`${where}: ${field} names ${name}, which layers.json does not allow`);
      } else if (!forTests && !imported.has(name)) {
        problems.push(`${where}: ${field} names ${name}, which no file imports`);
      }
    }
  }
  return problems;
}

/** @param {Context} context */
function checkImports({ one, layer, tests, names }) {
  const declared = new Set(shipped.flatMap((field) => Object.keys(one.manifest[field] ?? {})));
  const known = new Set(one.files.map(({ path }) => path));
  return one.files.flatMap((file) =>
    file.imports.flatMap(({ specifier, line }) => {
      const where = `packages/${one.folder}/${file.path}:${line}`;
      if (specifier.startsWith('.')) {
        const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
        if (target.startsWith('../'))
          return file.isTest && isWorkspaceScript(target)
            ? []
            : [`${where}: imports ${specifier}, outside its package`];
        if (!file.isTest && isTestPath(target)) return [`${where}: imports the test ${specifier}`];
        return known.has(target) || !/\.[cm]?[jt]s$/.test(target)
          ? []
          : [`${where}: imports ${specifier}, which does not exist`];
      }
      if (isBuiltin(specifier)) {
        if (!specifier.startsWith('node:')) return [`${where}: imports ${specifier} without node:`];
        const allowed = file.isTest || layer.node === 'any' || layer.node.includes(specifier);
        return allowed ? [] : [`${where}: imports ${specifier}; ${one.folder} does no I/O (layers.json)`];
      }
      const name = packageOf(specifier);
      if (name === one.manifest.name) return file.isTest ? [] : [`${where}: imports its own package by name`];
      if (!isAllowed(name, { layer, tests, names, forTests: file.isTest })) {
        return [`${where}: imports ${name}, which layers.json does not allow`];
      }
      if (!file.isTest && !declared.has(name)) return [`${where}: imports ${name}, which package.json does not name`];
      return [];
    }),
  );
}

/**
 * @param {string} name - of a package on npm or in the workspace.
 * @param {Omit<Context, 'one'> & { readonly forTests: boolean }} rules
 */
function isAllowed(name, { layer, tests, names, forTests }) {
  const folder = names.get(name);
  const allowed = folder === undefined ? layer.external : layer.packages;
  const besides = folder === undefined ? tests.external : tests.packages;
  const key = folder ?? name;
  return allowed.includes(key) || (forTests && besides.includes(key));
}

/** No file reaches itself, type imports included. @param {import('./read-workspace.mjs').WorkspacePackage} one */
function checkFileCycles(one) {
  const graph = (/** @type {boolean} */ withTypes) =>
    new Map(
      one.files.map(({ path, imports }) => [
        path,
        imports
          .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && (withTypes || !typeOnly))
          .map(({ specifier }) => posix.normalize(posix.join(posix.dirname(path), specifier))),
      ]),
    );
  const atRunTime = findCycles(graph(false));
  return findCycles(graph(true)).map((cycle) => {
    const typesOnly = !atRunTime.some((other) => other.some((path) => cycle.includes(path)));
    return `packages/${one.folder}: import cycle${typesOnly ? ' of types' : ''}: ${cycle.join(' → ')}`;
  });
}

/** @param {import('./read-workspace.mjs').Workspace} workspace */
function checkPackageCycles({ packages }) {
  const graph = new Map(
    packages.map(({ manifest }) => [manifest.name, shipped.flatMap((field) => Object.keys(manifest[field] ?? {}))]),
  );
  return findCycles(graph).map((cycle) => `packages: dependency cycle: ${cycle.join(' → ')}`);
}

/** `@scope/name/deep` and `name/deep` without the rest. @param {string} specifier */
function packageOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** @param {string} path */
function isTestPath(path) {
  return /\.test\.[cm]?[jt]s$/.test(path) || (/\.[cm]?[jt]s$/.test(path) && !path.startsWith('src/'));
}

/** Tests may use the project's own scripts, such as the one that makes a Python environment. @param {string} target */
function isWorkspaceScript(target) {
  return target.startsWith('../../scripts/');
}
