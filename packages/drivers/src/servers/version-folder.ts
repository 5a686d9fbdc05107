import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ModelError, ModelServerError, parse, type Checkpoint, type ServedVersion } from '@skillrl/core';
import { z } from 'zod';

import { ggufFile, refuseName, refuseOtherLineage } from './checkpoint-files.ts';
import { copyDurably, sha256OfFile, syncFolder, writeDurably } from './durable-files.ts';
import { inTurn } from './in-turn.ts';
import { atServer } from './server-fault.ts';

const recordSchema = z.object({
  version: z.string(),
  /** Chooses the version as a model; absent where it is the GGUF file beside the record. */
  model: z.string().optional(),
  sha256: z.string(),
  base: z.string(),
  tokenizer: z.string(),
  createdAt: z.number(),
  /** SHA-256 of each file beside the record. */
  files: z.record(z.string(), z.string()),
});

/** What stands beside a version's files. */
export type VersionRecord = z.infer<typeof recordSchema>;

const liveSchema = z.object({ version: z.string() });
const recordFile = 'version.json';
const liveFile = 'live.json';

/**
 * Versions in a folder, each in a folder of its name, and which one is live in `live.json`. A version appears with all of its files or not at
 * all, and `live.json` is replaced in one step, so that a reader in any process sees a whole state, whenever a writer was killed. Writers take
 * turns by a lock.
 */
export class VersionFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Oldest first. */
  async records(): Promise<readonly VersionRecord[]> {
    return atServer(`list the versions in ${this.path}`, async () => {
      const names = existsSync(this.path) ? await readdir(this.path) : [];
      const records = await Promise.all(names.filter((name) => !name.startsWith('.')).map((name) => this.find(name)));
      return records
        .filter((record) => record !== undefined)
        .toSorted((a, b) => a.createdAt - b.createdAt || a.version.localeCompare(b.version));
    });
  }

  async find(version: string): Promise<VersionRecord | undefined> {
    const path = join(this.path, version, recordFile);
    return existsSync(path) ? readWritten(path, await readFile(path, 'utf8'), recordSchema) : undefined;
  }

  /**
   * What is whole there of a checkpoint's name; `undefined` when nothing is there, or what is there is damaged: `add` then takes its place.
   *
   * @throws {ModelServerError} `VERSION_EXISTS` when it has other weights.
   */
  async known({ version, sha256 }: Checkpoint, id: string): Promise<VersionRecord | undefined> {
    const record = await this.find(version);
    if (record !== undefined && record.sha256 !== sha256) throw versionExists(version, id);
    return record !== undefined && (await this.#firstDamaged(record)) === undefined ? record : undefined;
  }

  /**
   * The record of a version that may become live.
   *
   * @throws {ModelServerError} `VERSION_UNKNOWN`; `VERSION_GONE`, `CHECKPOINT_CORRUPT` when its files are not those that were published; what
   * `refuseOtherLineage` throws.
   */
  async recordToFollow(version: string, id: string): Promise<VersionRecord> {
    refuseName(version);
    const record = await this.find(version);
    if (record === undefined) throw versionUnknown(version, id);
    refuseOtherLineage(record, await this.liveRecord());
    const damaged = await this.#firstDamaged(record);
    if (damaged === undefined) return record;
    throw existsSync(damaged) ? versionDamaged(version, damaged) : versionGone(version, id);
  }

  /** Path of the first file that is not what was published. */
  async #firstDamaged({ version, files }: VersionRecord): Promise<string | undefined> {
    for (const [name, sha256] of Object.entries(files)) {
      const path = join(this.path, version, name);
      if (!existsSync(path) || (await sha256OfFile(path)) !== sha256) return path;
    }
    return undefined;
  }

  served(record: VersionRecord): ServedVersion {
    const { version, sha256, model = `llama:${join(this.path, version, ggufFile)}` } = record;
    return { version, model, sha256 };
  }

  /** The live version; `undefined` before the first, and when its files are gone. */
  async servedLive(): Promise<ServedVersion | undefined> {
    const record = await this.liveRecord();
    return record !== undefined && this.#hasFiles(record) ? this.served(record) : undefined;
  }

  #hasFiles({ version, files }: VersionRecord): boolean {
    return Object.keys(files).every((name) => existsSync(join(this.path, version, name)));
  }

  /** Oldest first. */
  async servedVersions(): Promise<readonly ServedVersion[]> {
    return (await this.records()).map((record) => this.served(record));
  }

  /** The live version; `undefined` before the first. */
  async liveRecord(): Promise<VersionRecord | undefined> {
    const version = this.live();
    return version === undefined ? undefined : this.find(version);
  }

  /** The live version's name; `undefined` before the first. */
  live(): string | undefined {
    const path = join(this.path, liveFile);
    return existsSync(path) ? readWritten(path, readFileSync(path, 'utf8'), liveSchema).version : undefined;
  }

  /**
   * Adds a version. Its files are copied into a hidden folder, `check` looks at them there, and the folder gets its name, in the place of one that
   * is damaged.
   *
   * @param from - folder of the files.
   * @param files - SHA-256 by path in both folders.
   */
  async add(
    record: Omit<VersionRecord, 'files'>,
    from: string,
    files: Readonly<Record<string, string>>,
    check: (folder: string) => Promise<void>,
  ): Promise<VersionRecord> {
    const part = join(this.path, `.${record.version}.part`);
    const whole = { ...record, files };
    try {
      await rm(part, { recursive: true, force: true });
      await mkdir(part, { recursive: true });
      for (const [name, sha256] of Object.entries(files)) {
        await copyDurably(join(from, name), join(part, name));
        if ((await sha256OfFile(join(part, name))) !== sha256) throw new Error(`${name} changed while it was copied`);
      }
      await writeRecord(part, whole);
      await check(part);
      await this.#putAside(record.version);
      await rename(part, join(this.path, record.version));
      await syncFolder(this.path);
      return whole;
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw error;
    }
  }

  /** Replaces the record of a version that is there: its server may answer at another address than before. */
  async restate(record: VersionRecord): Promise<void> {
    await writeRecord(join(this.path, record.version), record);
  }

  async setLive(version: string): Promise<void> {
    await writeDurably(join(this.path, liveFile), `${JSON.stringify({ version })}\n`);
  }

  /** @throws {ModelServerError} `VERSION_LIVE` */
  async remove(version: string): Promise<void> {
    if (this.live() === version) throw versionLive(version);
    if (existsSync(join(this.path, version, recordFile))) await this.#putAside(version);
  }

  /** Takes a folder's name away in one step, then the folder. */
  async #putAside(version: string): Promise<void> {
    const [place, gone] = [join(this.path, version), join(this.path, `.${version}.gone`)];
    await rm(gone, { recursive: true, force: true });
    if (existsSync(place)) await rename(place, gone);
    await rm(gone, { recursive: true, force: true });
  }

  /** Does work that changes the folder, one writer at a time. @throws {StoreError} `LOCKED` when another one is at it for a minute. */
  change<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    return atServer(what, () => inTurn(this.path, work));
  }
}

function writeRecord(folder: string, record: VersionRecord): Promise<void> {
  return writeDurably(join(folder, recordFile), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** The facts of a checkpoint that stand beside its served files. */
export function recordOf({ version, sha256, base, tokenizer, createdAt }: Checkpoint): Omit<VersionRecord, 'files'> {
  return { version, sha256, base, tokenizer, createdAt };
}

/**
 * What a folder of versions has under a name, read at once.
 *
 * @param version - or `live`.
 * @throws {ModelError} `POLICY_UNKNOWN` when it is not there.
 */
export function readVersion(path: string, version: string): ServedVersion {
  const folder = new VersionFolder(path);
  const name = version === 'live' ? folder.live() : version;
  const file = name === undefined ? undefined : join(folder.path, name, recordFile);
  if (name === undefined || file === undefined || !existsSync(file)) {
    throw new ModelError({
      code: 'POLICY_UNKNOWN',
      message:
        version === 'live'
          ? `No version is live in ${folder.path}.`
          : `There is no version '${version}' in ${folder.path}.`,
      hint: 'skillrl policy list shows the versions, skillrl policy publish VERSION publishes one.',
    });
  }
  return folder.served(readWritten(file, readFileSync(file, 'utf8'), recordSchema));
}

/** The JSON of a file that this program wrote. @throws {ModelServerError} `SERVED_DAMAGED` */
function readWritten<Value>(path: string, text: string, schema: z.ZodType<Value>): Value {
  try {
    return parse(schema, JSON.parse(text), 'content');
  } catch (cause) {
    throw new ModelServerError({
      code: 'SERVED_DAMAGED',
      message: `${path} is not what was written there: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Delete it, and publish the version again that is to be live: skillrl policy publish VERSION.',
      cause,
    });
  }
}

function versionDamaged(version: string, file: string): ModelServerError {
  return new ModelServerError({
    code: 'CHECKPOINT_CORRUPT',
    message: `${file} is not what was published as ${version}.`,
    hint: `Publish it again from the registry: skillrl policy publish ${version}. What was live is live.`,
  });
}

export function versionLive(version: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_LIVE',
    message: `The version ${version} is live, so it is not removed.`,
    hint: 'Make another one live first.',
  });
}

export function versionUnknown(version: string, id: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_UNKNOWN',
    message: `'${id}' has no version '${version}'.`,
    hint: 'Publish it there first; skillrl policy list shows what is where.',
  });
}

export function versionGone(version: string, id: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_GONE',
    message: `'${id}' has not kept the weights of ${version}, so it cannot answer with them.`,
    hint: 'Publish the version again from the registry: skillrl policy publish VERSION.',
  });
}

export function versionExists(version: string, id: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_EXISTS',
    message: `'${id}' has a version '${version}' with other weights.`,
    hint: 'A name is used once: give the new weights another one.',
  });
}
