import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages whose code decides what a run finds. */
const packages = ['core', 'signals', 'memory', 'rollouts', 'bench', 'training', 'environments', 'drivers'];

/** The trainer service, of a checkout; the npm package has none. */
const service = new URL('../../../../apps/trainer/', import.meta.url);

/**
 * Content hash of the code that decides what a run finds, tests left out: a run is never gone on with by other code than it was begun with.
 */
export function codeVersion(): string {
  const entries = packages.map((name) => import.meta.resolve(`@skillrl/${name}`));
  const folders = [...entries, import.meta.url].map((url) => dirname(fileURLToPath(url)));
  const files = [
    ...folders.flatMap((folder) => filesOf(folder, '**/*.{ts,js}')),
    ...filesOf(fileURLToPath(service), '{requirements.txt,trainer_service/*.py}'),
  ];
  const hash = createHash('sha256');
  for (const { name, path } of files) hash.update(name).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

function filesOf(folder: string, pattern: string): { readonly name: string; readonly path: string }[] {
  const names = globSync(pattern, { cwd: folder }).filter((name) => !name.endsWith('.test.ts'));
  return names.toSorted().map((name) => ({ name, path: join(folder, name) }));
}
