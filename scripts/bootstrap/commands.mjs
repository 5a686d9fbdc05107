import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapFailure } from './failure.mjs';
import { readJson } from './paths.mjs';

/**
 * @typedef {object} Program
 * @property {string} script - run by Node 24.
 * @property {readonly string[]} args
 * @property {string} cwd
 */

/** What `node scripts/bootstrap.mjs NAME` runs. */
export const commandNames = ['start', 'test', 'skillrl', 'measure', 'experiment', 'train-policy'];

/**
 * @param {string | undefined} name
 * @param {readonly string[]} args
 * @param {{ readonly root: string, readonly callerFolder: string }} place - `callerFolder` is where the user typed the
 *   command: files named on the command line of `skillrl` are relative to it.
 * @returns {Program}
 */
export function programFor(name, args, { root, callerFolder }) {
  switch (name) {
    case 'start':
      return { script: skillrlProgram(root), args: ['start', ...args], cwd: callerFolder };
    case 'skillrl':
      return { script: skillrlProgram(root), args, cwd: callerFolder };
    case 'train-policy':
      return { script: join(root, 'apps', 'trainer', 'run.mjs'), args: ['train', ...args], cwd: root };
    case 'test':
    case 'measure':
    case 'experiment':
      return { script: join(root, 'scripts', `${name}.mjs`), args, cwd: root };
    default:
      throw new BootstrapFailure(`There is no command ${name ?? '(none)'}; there are: ${commandNames.join(', ')}.`, {
        exitCode: 2,
      });
  }
}

/** The command line program, as its package names it. @param {string} root */
function skillrlProgram(root) {
  const folder = join(root, 'packages', 'skillrl');
  const bin = readJson(join(folder, 'package.json')).bin?.skillrl;
  if (typeof bin !== 'string' || !existsSync(join(folder, bin))) {
    throw new BootstrapFailure(
      `The command line program is missing: packages/skillrl/package.json names ${bin ?? 'none'}.`,
    );
  }
  return join(folder, bin);
}
