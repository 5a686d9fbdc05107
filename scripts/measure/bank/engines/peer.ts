import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A peer's package, in the form that Node's `require` gives. @param folder - with the peers. @param group - its own folder there. */
export function requirePeer<Package>(folder: string, group: string, name: string): Package {
  return createRequire(join(folder, group, 'package.json'))(name) as Package;
}

/** The same for a package that must be imported: `path` is the resolved file. */
export async function importPeer<Package>(folder: string, group: string, name: string): Promise<Package> {
  const path = createRequire(join(folder, group, 'package.json')).resolve(name);
  return (await import(pathToFileURL(path).href)) as Package;
}
