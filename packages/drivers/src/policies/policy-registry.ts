import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { checkpointSchema, FileError, InputError, parse, type Checkpoint } from '@skillrl/core';
import { z } from 'zod';

import { adapterFiles, checkCheckpoint, ggufFile } from '../servers/checkpoint-files.ts';
import { copyDurably, sha256OfFile, syncFolder, writeDurably } from '../servers/durable-files.ts';
import { inTurn } from '../servers/in-turn.ts';
import { atServer } from '../servers/server-fault.ts';
import { standings, type Publication, type Standing } from './publications.ts';

/** A version with what became of it. */
export interface RegisteredPolicy extends Checkpoint, Standing {}

/** Every version of a project's policy, whether it was ever served or not, and what was live where. */
export interface PolicyRegistry {
  /**
   * Takes a checkpoint in: its files are copied, compared with their hashes, and hashed; it appears as a whole or not at all. The same weights
   * under the same name are left as they are.
   *
   * @returns the checkpoint in its place, with the hashes of its files.
   * @throws {ModelServerError} `VERSION_INVALID`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_CORRUPT`, `CHECKPOINT_OTHER_TOKENIZER`, `DISK_FULL`; {InputError} `VERSION_EXISTS`.
   */
  add(checkpoint: Checkpoint): Promise<Checkpoint>;
  /** @throws {InputError} `VERSION_UNKNOWN` */
  get(version: string): Promise<Checkpoint>;
  /** Oldest first. */
  list(): Promise<readonly RegisteredPolicy[]>;
  /** What was live where, oldest first. */
  publications(): Promise<readonly Publication[]>;
  /** Notes that a version is live at a server. */
  record(publication: Publication): Promise<void>;
}

const publicationSchema = z.object({
  at: z.number(),
  server: z.string(),
  version: z.string(),
  kind: z.enum(['publish', 'rollback']),
});

const recordFile = 'checkpoint.json';

/** A registry in a folder: one folder a version, `checkpoint.json` in each, and `publications.json`. */
export function policyRegistry({ folder }: { readonly folder: string }): PolicyRegistry {
  const root = resolve(folder);
  const publicationsFile = join(root, 'publications.json');

  const read = async (version: string): Promise<Checkpoint | undefined> => {
    const file = join(root, version, recordFile);
    if (!/^[\w-]+$/.test(version) || !existsSync(file)) return undefined;
    const found = parse(checkpointSchema, await readJson(file), `checkpoint ${file}`);
    return { ...found, path: join(root, version) };
  };
  const publications = async (): Promise<readonly Publication[]> =>
    existsSync(publicationsFile)
      ? parse(z.array(publicationSchema), await readJson(publicationsFile), `publications ${publicationsFile}`)
      : [];
  const change = <Result>(what: string, work: () => Promise<Result>): Promise<Result> =>
    atServer(what, () => inTurn(root, work));

  return {
    publications,
    add: (checkpoint) =>
      change(`add ${checkpoint.version} to ${root}`, async () => {
        const { version, sha256 } = checkpoint;
        const known = await read(version);
        if (known !== undefined && known.sha256 !== sha256) throw nameIsTaken(version, root);
        if (known !== undefined) return known;
        const wanted = [ggufFile, 'config.json', 'tokenizer.json', ...(checkpoint.kind === 'lora' ? adapterFiles : [])];
        await checkCheckpoint(checkpoint, wanted, undefined);

        const part = join(root, `.${version}.part`);
        try {
          await rm(part, { recursive: true, force: true });
          const files: Record<string, string> = {};
          for (const file of await filesBelow(checkpoint.path)) {
            await copyDurably(join(checkpoint.path, file), join(part, file));
            files[file] = await sha256OfFile(join(part, file));
          }
          // The copy, too, is what the checkpoint says.
          await checkCheckpoint({ ...checkpoint, path: part }, wanted, undefined);
          const { path: _, ...facts } = { ...checkpoint, files };
          await writeDurably(join(part, recordFile), `${JSON.stringify(facts, undefined, 2)}\n`);
          await rename(part, join(root, version));
          await syncFolder(root);
          return { ...facts, path: join(root, version) };
        } catch (error) {
          await rm(part, { recursive: true, force: true });
          throw error;
        }
      }),
    async get(version) {
      const found = await read(version);
      if (found !== undefined) return found;
      throw new InputError({
        code: 'VERSION_UNKNOWN',
        message: `There is no version '${version}' in ${root}.`,
        hint: 'skillrl policy list shows the versions; skillrl policy add FOLDER takes one in.',
      });
    },
    async list() {
      const names = existsSync(root) ? await readdir(root) : [];
      const found = (await Promise.all(names.map(read))).filter((checkpoint) => checkpoint !== undefined);
      const known = standings(await publications());
      return found
        .toSorted((a, b) => a.createdAt - b.createdAt || a.version.localeCompare(b.version))
        .map((checkpoint) => ({ ...checkpoint, ...(known.get(checkpoint.version) ?? never) }));
    },
    record: (publication) =>
      change(`note that ${publication.version} is live`, async () => {
        const all = [...(await publications()), publication];
        await writeDurably(publicationsFile, `${JSON.stringify(all, undefined, 2)}\n`);
      }),
  };
}

const never: Standing = { status: 'candidate', liveAt: [] };

/** Paths of all files below a folder, without a registry's own record. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== recordFile)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new FileError({
      code: 'REGISTRY_DAMAGED',
      message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Put it back from a copy, or remove the version and add it again.',
      cause,
    });
  }
}

function nameIsTaken(version: string, root: string): InputError {
  return new InputError({
    code: 'VERSION_EXISTS',
    message: `There is a version '${version}' with other weights in ${root}.`,
    hint: 'A name is used once: give the new weights another one.',
  });
}
