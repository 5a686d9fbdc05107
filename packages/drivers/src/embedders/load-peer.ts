import { EmbedderError, UnsupportedError } from '@skillrl/core';

import { importPeer, isMissing, type Peer } from '../import-peer.ts';

/** Gives a package's module by its name. */
export type LoadPackage = (name: string) => Promise<unknown>;

export interface PeerOptions {
  /** What needs it, for the error: `The embedder use-lite`. */
  readonly what: string;
  /** The command that installs all of it. */
  readonly install: string;
  /** Default: as installed beside this package, else in the current folder. */
  readonly load?: LoadPackage;
}

/**
 * Loads an optional package.
 *
 * @throws {UnsupportedError} `EMBEDDER_PACKAGE_MISSING` with the command that installs it.
 * @throws {EmbedderError} `EMBEDDER_PACKAGE_BROKEN` when it is there and cannot be loaded.
 */
export async function loadPeer(peer: Peer, { what, install, load }: PeerOptions): Promise<unknown> {
  try {
    return load === undefined ? await importPeer(peer) : await load(peer.name);
  } catch (cause) {
    if (isMissing(cause)) {
      throw new UnsupportedError('embedder', {
        code: 'EMBEDDER_PACKAGE_MISSING',
        message: `${what} needs the package '${peer.name}', which is not installed.`,
        hint: `Install it: ${install}`,
        cause,
      });
    }
    throw new EmbedderError({
      code: 'EMBEDDER_PACKAGE_BROKEN',
      message: `The package '${peer.name}' is installed and cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `Install it again: ${install}`,
      cause,
    });
  }
}

/** An export of a module, wherever its format put it. */
export function exportOf<Value>(module: unknown, name: string): Value | undefined {
  const own = module as Readonly<Record<string, unknown>> & { readonly default?: Readonly<Record<string, unknown>> };
  return (own[name] ?? own.default?.[name]) as Value | undefined;
}
