import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFolders } from './paths.mjs';

/**
 * Changes when an install would do something else: with the lockfile, any `package.json`, pnpm's settings, the
 * platform. The version of Node is one of the dependencies.
 *
 * @param {string} root
 * @param {{ readonly platform: string, readonly arch: string }} [machine]
 */
export function installFingerprint(root, machine = process) {
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    '.npmrc',
    ...workspaceFolders(root).map((folder) => join(folder, 'package.json')),
    'docs/examples/package.json',
  ];
  const hash = createHash('sha256').update(`${machine.platform} ${machine.arch}\n`);
  for (const file of files) {
    const path = join(root, file);
    hash
      .update(`${file}\n`)
      .update(existsSync(path) ? readFileSync(path) : 'absent')
      .update('\n');
  }
  return hash.digest('hex');
}
