import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { create } from 'tar';

import type { TinyBase, TinyEngine } from '../trainer/tiny-engine.ts';
import { readExport, readState, writeExport, writeState } from '../trainer/tiny-files.ts';
import type { TwoTokenModel } from '../trainer/two-token-model.ts';
import { WireError } from './wire-error.ts';

/** What a model is, on the disk. */
export interface ModelFile {
  readonly id: string;
  readonly sessionId: string;
  readonly base: TinyBase;
  readonly lora: { readonly rank: number; readonly alpha?: number } | null;
}

/** What a save was, beside its weights. */
interface SaveFile {
  readonly name: string;
  readonly order: number;
  /** The last number that its weights have seen, and the body that asked for it. */
  readonly sequence: number;
  readonly body: string;
  readonly sha256: string;
}

/** What outlives a restart: sessions, models that were not unloaded, saves and exports. */
export class WireFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  sessions(): readonly string[] {
    const path = join(this.#folder, 'sessions.json');
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as string[]) : [];
  }

  writeSessions(sessions: Iterable<string>): void {
    writeFileSync(join(this.#folder, 'sessions.json'), JSON.stringify([...sessions]));
  }

  models(): readonly ModelFile[] {
    const paths = readdirSync(this.#folder).map((id) => join(this.#folder, id, 'model.json'));
    return paths.filter((path) => existsSync(path)).map((path) => JSON.parse(readFileSync(path, 'utf8')) as ModelFile);
  }

  writeModel(model: ModelFile): void {
    const { id, sessionId, base, lora } = model;
    mkdirSync(join(this.#folder, id), { recursive: true });
    writeFileSync(join(this.#folder, id, 'model.json'), JSON.stringify({ id, sessionId, base, lora }));
  }

  removeModel(id: string): void {
    rmSync(join(this.#folder, id, 'model.json'), { force: true });
  }

  lastSave(id: string): SaveFile | undefined {
    const folder = join(this.#folder, id);
    const files = readdirSync(folder).filter((file) => file.endsWith('.save.json'));
    const saves = files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as SaveFile);
    return saves.toSorted((one, other) => other.order - one.order)[0];
  }

  refuseSave(id: string, name: string): void {
    if (existsSync(this.#savePath(id, name))) throw taken(name);
  }

  refuseExport(id: string, name: string): void {
    if (existsSync(this.#exportPath(id, name))) throw taken(name);
  }

  refuseMissing(id: string, name: string): void {
    if (!existsSync(this.#savePath(id, name))) throw unknown(name);
  }

  save(id: string, name: string, engine: TinyEngine, sequence: number, body: string): string {
    const path = this.#savePath(id, name);
    const order = (this.lastSave(id)?.order ?? 0) + 1;
    const sha256 = writeState(path, engine.state());
    writeFileSync(`${path}.json`, JSON.stringify({ name, order, sequence, body, sha256 } satisfies SaveFile));
    return sha256;
  }

  load(id: string, name: string, engine: TinyEngine): void {
    engine.restore(readState(this.#savePath(id, name)));
  }

  export(id: string, name: string, engine: TinyEngine): void {
    mkdirSync(join(this.#folder, id, 'exports'), { recursive: true });
    writeExport(this.#exportPath(id, name), engine, name);
  }

  exportFiles(id: string, name: string): Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>> {
    const folder = this.#exportPath(id, name);
    if (!existsSync(folder)) throw unknown(name);
    return Object.fromEntries(
      readdirSync(folder).map((file) => {
        const path = join(folder, file);
        const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
        return [`export/${file}`, { bytes: statSync(path).size, sha256 }];
      }),
    );
  }

  exported(id: string, name: string): TwoTokenModel {
    const folder = this.#exportPath(id, name);
    if (!existsSync(folder)) throw unknown(name);
    return readExport(folder);
  }

  remove(id: string, kind: 'save' | 'export', name: string): void {
    const path = kind === 'save' ? this.#savePath(id, name) : this.#exportPath(id, name);
    if (!existsSync(path)) throw unknown(name);
    for (const each of [path, `${path}.json`]) rmSync(each, { recursive: true, force: true });
  }

  async archive(id: string, name: string): Promise<Buffer> {
    const file = join(this.#folder, `${id}-${name}.tar.gz`);
    await create({ gzip: true, file, cwd: this.#exportPath(id, name) }, ['.']);
    const bytes = readFileSync(file);
    rmSync(file);
    return bytes;
  }

  #savePath(id: string, name: string): string {
    return join(this.#folder, id, `${name}.save`);
  }

  #exportPath(id: string, name: string): string {
    return join(this.#folder, id, 'exports', name);
  }
}

function unknown(name: string): WireError {
  return new WireError(404, 'CHECKPOINT_UNKNOWN', `There is no checkpoint '${name}'.`);
}

function taken(name: string): WireError {
  return new WireError(409, 'CHECKPOINT_EXISTS', `The checkpoint '${name}' exists already.`);
}
