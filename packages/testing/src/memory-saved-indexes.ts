import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { InputError, type SavedIndexHead, type IndexPart, type SavedIndexStore, type SavedPart } from '@skillrl/core';

import { temporaryFolder } from './temporary-folder.ts';

interface Kept {
  readonly head: SavedIndexHead;
  readonly parts: Readonly<Record<string, SavedPart>>;
  readonly savedAt: number;
  readonly bytes: number;
}

/** The reference `SavedIndexStore`: it lives as long as the process. */
export function memorySavedIndexes(): SavedIndexStore {
  const kept = new Map<string, Kept>();
  const summaryOf = (name: string, { head, savedAt, bytes }: Kept) => ({ name, head, savedAt, bytes });
  return {
    save: async (name, head, parts) => {
      for (const each of [name, ...Object.keys(parts)]) refuseName(each);
      const saved: Record<string, SavedPart> = {};
      let length = 0;
      for (const [partName, part] of Object.entries(parts)) {
        const { path, bytes } = await keep(part);
        length += bytes.length;
        saved[partName] = { path, bytes: async () => Uint8Array.from(bytes) };
      }
      const entry = { head: structuredClone(head), parts: saved, savedAt: Date.now(), bytes: length };
      kept.set(name, entry);
      return summaryOf(name, entry);
    },
    load: async (name) => {
      refuseName(name);
      const found = kept.get(name);
      return found === undefined ? { state: 'absent' } : { state: 'whole', ...found.head, parts: found.parts };
    },
    list: async () => [...kept].map(([name, entry]) => summaryOf(name, entry)).toSorted(byName),
    remove: async (name) => {
      refuseName(name);
      kept.delete(name);
    },
  };
}

async function keep(part: IndexPart): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  const path = join(temporaryFolder(), 'part');
  if (typeof part !== 'function') return { path, bytes: Buffer.concat(part) };
  await part(path);
  return { path, bytes: await readFile(path) };
}

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : 1;
}

function refuseName(name: string): void {
  if (/^[\w-]+$/.test(name)) return;
  throw new InputError({ code: 'SAVED_INDEX_NAME', message: `'${name}' cannot name a saved index.` });
}
