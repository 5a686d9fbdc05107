import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages whose code decides what a run finds. */
const packages = ['core', 'signals', 'memory', 'rollouts', 'bench', 'training', 'environments', 'drivers'];

/**
 * Content hash of the code that decides what a run finds, tests left out: a run is never gone on with by other code than it was begun with.
 */
export function codeVersion(): string {
  const entries = packages.map((name) => import.meta.resolve(`@skillrl/${name}`));
  const folders = [...entries, import.meta.url].map((url) => dirname(fileURLToPath(url)));
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = globSync('**/*.{ts,js}', { cwd: folder }).filter((path) => !path.endsWith('.test.ts'));
    for (const path of files.toSorted()) hash.update(path).update(readFileSync(join(folder, path)));
  }
  return hash.digest('hex').slice(0, 16);
}
