import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A package that is installed by those who want it. */
export interface Peer {
  readonly name: string;
  /** `() => import('name')`: a literal, so that bundlers and the check of the layers see it. */
  readonly load: () => Promise<unknown>;
}

/**
 * The module of an optional package: as Node finds it from here; a program that is installed apart from the project finds it from the current
 * folder.
 *
 * @throws what importing it throws; of an error that `isMissing` says, the package is not installed.
 */
export async function importPeer({ name, load }: Peer): Promise<unknown> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    const path = createRequire(join(process.cwd(), 'package.json')).resolve(name);
    return import(pathToFileURL(path).href);
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
