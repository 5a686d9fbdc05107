import { createRequire } from 'node:module';
import { UnsupportedError } from '@skillrl/core';
import type { HierarchicalNSW } from 'hnswlib-node';

export interface Hnswlib {
  readonly HierarchicalNSW: typeof HierarchicalNSW;
}

/**
 * The native graph library, loaded on first use.
 *
 * @param load - how a package is loaded; another one in tests.
 * @throws {UnsupportedError} `HNSW_UNAVAILABLE` where it is not installed or was not compiled.
 */
export function loadHnswlib(load: (name: string) => unknown = createRequire(import.meta.url)): Hnswlib {
  try {
    return load('hnswlib-node') as Hnswlib;
  } catch (cause) {
    throw new UnsupportedError('index', {
      code: 'HNSW_UNAVAILABLE',
      message: "The approximate index needs the package 'hnswlib-node', which is not installed or not compiled here.",
      hint: "Install a C++ compiler and run `CXXFLAGS='-mavx2 -mfma' npm rebuild hnswlib-node`, or use the exact index flat().",
      cause,
    });
  }
}

/** Whether `hnsw()` would work here. */
export function isHnswAvailable(): boolean {
  try {
    loadHnswlib();
    return true;
  } catch {
    return false;
  }
}
