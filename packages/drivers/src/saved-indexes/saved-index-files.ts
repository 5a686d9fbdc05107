import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  FileError,
  InputError,
  isAbort,
  SkillError,
  type IndexPart,
  type SavedIndexStore,
  type SavedIndexSummary,
  type LoadedIndex,
  type SavedPart,
} from '@skillrl/core';

import { fileLock } from '../stores/file-lock.ts';
import { syncedFiles, checkSealed, readSealed, type SyncedFiles } from './synced-files.ts';
import { readManifest, writeManifest, type IndexManifest } from './index-manifest.ts';

export interface SavedIndexFilesOptions {
  /** Where they lie; made at the first save. */
  readonly folder: string;
  /** Other steps than those on the disk, for tests of faults. */
  readonly files?: SyncedFiles;
}

/** A load that met a save begins again, so many times. */
const mostAttempts = 5;

/**
 * Saved indexes in a folder: `NAME.json` is the manifest, `NAME.GENERATION.PART` a part, with a generation of its own for every save.
 *
 * Saving: parts are written and synced, then a manifest under a passing name; renaming it makes the save the valid one; then the folder is
 * synced and everything else of the name removed. A process that is killed anywhere leaves the old one or the new one. One process
 * saves a name at a time, another is told `LOCKED`.
 */
export function savedIndexFiles({ folder, files = syncedFiles }: SavedIndexFilesOptions): SavedIndexStore {
  const manifestPath = (name: string): string => join(folder, `${name}.json`);

  async function save(
    name: string,
    generation: string,
    { revision, meta }: { readonly revision: number; readonly meta: Readonly<Record<string, unknown>> },
    parts: Readonly<Record<string, IndexPart>>,
  ): Promise<SavedIndexSummary> {
    const kept: IndexManifest['parts'] = {};
    for (const [partName, part] of Object.entries(parts)) {
      const file = `${name}.${generation}.${checkedName(partName)}`;
      const path = join(folder, file);
      if (typeof part === 'function') await part(path);
      const seal = typeof part === 'function' ? await files.seal(path) : await files.write(path, part);
      kept[partName] = { file, ...seal, kind: typeof part === 'function' ? 'file' : 'bytes' };
    }
    const manifest = { name, generation, savedAt: Date.now(), revision, meta: { ...meta }, parts: kept };
    const passing = join(folder, `${name}.${generation}.manifest`);
    await files.write(passing, [writeManifest(manifest)]);
    await files.rename(passing, manifestPath(name));
    await files.syncFolder(folder);
    return summaryOf(manifest);
  }

  /** Takes away the name's files but those that are told to stay. */
  async function sweep(name: string, stays: (file: string) => boolean): Promise<void> {
    for (const file of await files.list(folder)) {
      if (isFileOf(name, file) && !stays(file)) await files.unlink(join(folder, file));
    }
  }

  /** The manifest, or `undefined` when there is none. */
  async function manifestOf(name: string): Promise<IndexManifest | { readonly reason: string } | undefined> {
    try {
      return readManifest(await readFile(manifestPath(name), 'utf8'), name);
    } catch (error) {
      return isMissing(error) ? undefined : { reason: `its manifest cannot be read (${reasonOf(error)})` };
    }
  }

  async function load(name: string): Promise<LoadedIndex> {
    for (let attempt = 1; ; attempt += 1) {
      const manifest = await manifestOf(name);
      if (manifest === undefined) return { state: 'absent' };
      if ('reason' in manifest) return { state: 'damaged', reason: manifest.reason };
      const loaded = await loadParts(folder, manifest);
      if (!('reason' in loaded)) return { state: 'whole', revision: manifest.revision, meta: manifest.meta, ...loaded };
      // Another process may have saved anew and removed what was about to be read.
      const now = await manifestOf(name);
      const isReplaced = now === undefined || 'reason' in now || now.generation !== manifest.generation;
      if (!isReplaced || attempt === mostAttempts) return { state: 'damaged', reason: loaded.reason };
    }
  }

  return {
    save: async (name, head, parts) => {
      checkedName(name);
      const generation = randomBytes(8).toString('hex');
      return failingAs(`save the index '${name}' in ${folder}`, async () => {
        await files.makeFolder(folder);
        const lock = fileLock(join(folder, `${name}.lock`), `the index '${name}' in ${folder}`);
        try {
          const summary = await save(name, generation, head, parts);
          await sweep(name, (file) => file.startsWith(`${name}.${generation}.`));
          return summary;
        } catch (error) {
          // Nothing of an unfinished save stays, unless it was the valid one already.
          const valid = await manifestOf(name);
          const isValid = valid !== undefined && !('reason' in valid) && valid.generation === generation;
          const stays = (file: string): boolean => isValid || !file.startsWith(`${name}.${generation}.`);
          await sweep(name, stays).catch(() => {});
          throw error;
        } finally {
          lock.release();
        }
      });
    },
    load: async (name) => load(checkedName(name)),
    list: async () => {
      const all = await files.list(folder).catch(() => []);
      const names = all.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
      return Promise.all(names.toSorted().map(async (name) => summaryOrDamage(name, await manifestOf(name))));
    },
    remove: async (name) => {
      checkedName(name);
      await failingAs(`remove the index '${name}' in ${folder}`, async () => {
        await files.unlink(manifestPath(name)).catch(unlessMissing);
        await sweep(name, () => false).catch(unlessMissing);
      });
    },
  };
}

/** The parts, verified; those of kind `bytes` are in memory already and let go of when they are asked for. */
async function loadParts(
  folder: string,
  manifest: IndexManifest,
): Promise<{ readonly parts: Record<string, SavedPart> } | { readonly reason: string }> {
  const parts: Record<string, SavedPart> = {};
  const reasons: string[] = [];
  await Promise.all(
    Object.entries(manifest.parts).map(async ([partName, { file, kind, ...seal }]) => {
      const path = join(folder, file);
      try {
        const read = await (kind === 'bytes' ? readSealed(path, seal) : checkSealed(path, seal));
        if (read !== undefined && 'reason' in read) reasons.push(`part '${partName}': ${read.reason}`);
        else parts[partName] = savedPart(path, seal, read?.bytes);
      } catch (error) {
        reasons.push(isMissing(error) ? `part '${partName}' is missing` : `part '${partName}': ${reasonOf(error)}`);
      }
    }),
  );
  const [reason] = reasons;
  return reason === undefined ? { parts } : { reason };
}

function savedPart(
  path: string,
  seal: { readonly bytes: number; readonly crc32: number },
  inMemory: Uint8Array<ArrayBuffer> | undefined,
): SavedPart {
  let held = inMemory;
  return {
    path,
    bytes: async () => {
      const bytes = held;
      held = undefined;
      if (bytes !== undefined) return bytes;
      const read = await readSealed(path, seal);
      if ('bytes' in read) return read.bytes;
      throw new FileError({ code: 'SAVED_INDEX_DAMAGED', message: `${path} is not what was saved: ${read.reason}.` });
    },
  };
}

function summaryOf({ name, savedAt, revision, meta, parts }: IndexManifest): SavedIndexSummary {
  const bytes = Object.values(parts).reduce((sum, part) => sum + part.bytes, 0);
  return { name, savedAt, head: { revision, meta }, bytes };
}

function summaryOrDamage(
  name: string,
  manifest: IndexManifest | { readonly reason: string } | undefined,
): SavedIndexSummary {
  if (manifest !== undefined && !('reason' in manifest)) return summaryOf(manifest);
  return { name, savedAt: 0, bytes: 0, damage: manifest?.reason ?? 'its manifest is missing' };
}

/** A part or a passing manifest of the name; neither its manifest nor its lock. */
function isFileOf(name: string, file: string): boolean {
  return file.startsWith(`${name}.`) && file.split('.').length === 3;
}

function checkedName(name: string): string {
  if (/^[\w-]+$/.test(name)) return name;
  throw new InputError({
    code: 'SAVED_INDEX_NAME',
    message: `'${name}' cannot name a saved index or a part of one.`,
    hint: 'Use letters, digits, - and _.',
  });
}

async function failingAs<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError || isAbort(error) || (error instanceof SkillError && error.code === 'LOCKED')) {
      throw error;
    }
    throw new FileError({
      code: 'SAVED_INDEX_FAILED',
      message: `Could not ${what}: ${reasonOf(error)}.`,
      hint: 'Give the folder the right to be written and some space; until then the index is built anew at every start.',
      retryable: true,
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
