import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { WireError } from './http.ts';

/** A model under its name: which files, which words. */
export interface StoredModel {
  /** With its tag, such as `policy:v1`. */
  readonly name: string;
  /** Path of the weights. */
  readonly path: string;
  /** Digest of the weights' layer, which is not that of the upload. */
  readonly layer: string;
  readonly adapter?: { readonly path: string; readonly digest: string };
  /** Of prompts; Go's template language. */
  readonly template: string;
  readonly hasTemplate: boolean;
  readonly system: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parent: string;
  readonly families: readonly string[];
  readonly modifiedAt: Date;
}

/** Where a real server says that its blobs lie. */
export const blobFolder = '/models/blobs';

const plainTemplate = '{{ .Prompt }}';

/** Models by name and blobs by digest. */
export class ModelStore {
  readonly #models = new Map<string, StoredModel>();
  readonly #layers = new Set<string>();
  readonly #folder: string;

  /** @param folder - where uploaded blobs are kept. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  list(): StoredModel[] {
    return [...this.#models.values()];
  }

  find(name: string): StoredModel | undefined {
    return this.#models.get(withTag(name));
  }

  put(model: Omit<Partial<StoredModel>, 'name'> & Pick<StoredModel, 'name' | 'path'>): StoredModel {
    const template = model.template ?? plainTemplate;
    const stored: StoredModel = {
      layer: layerDigest(model.path),
      hasTemplate: template !== plainTemplate,
      system: '',
      parameters: {},
      parent: '',
      families: ['llama'],
      ...model,
      template,
      name: withTag(model.name),
      modifiedAt: new Date(),
    };
    this.#models.set(stored.name, stored);
    return stored;
  }

  remove(name: string): boolean {
    return this.#models.delete(withTag(name));
  }

  /** Whether the layer is new; from now on it is not. */
  addLayer(digest: string): boolean {
    const isNew = !this.#layers.has(digest);
    this.#layers.add(digest);
    return isNew;
  }

  /** Path of a blob; `undefined` when it was not uploaded. @throws {WireError} for what is no digest. */
  blob(digest: string): string | undefined {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new WireError(400, 'invalid digest format');
    const path = join(this.#folder, digest.replace(':', '-'));
    return statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : path;
  }

  /** Keeps the bytes under their true digest and returns it. */
  addBlob(bytes: Buffer): string {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    writeFileSync(join(this.#folder, digest.replace(':', '-')), bytes);
    return digest;
  }
}

export function withTag(name: string): string {
  return name.includes(':') || name === '' ? name : `${name}:latest`;
}

export function isModelName(name: string): boolean {
  return /^[\w.-]+(?:\/[\w.-]+)*(?::[\w.-]+)?$/.test(name);
}

/** A real server writes uploaded weights anew, so the layer's digest is another one than the upload's; here it only looks so. */
function layerDigest(path: string): string {
  return `sha256:${createHash('sha256').update('layer').update(readFileSync(path)).digest('hex')}`;
}
