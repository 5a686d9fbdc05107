import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Checkpoint, ModelServerError, SkillError, UnsupportedError, versionName } from '@skillrl/core';
import { z } from 'zod';

import { readGgufHeader } from '../models/llama-cpp/gguf-header.ts';
import { tokenizerId } from '../models/llama-cpp/vocabulary.ts';
import { sha256OfFile } from './durable-files.ts';

export const weightsFile = 'model.safetensors';
export const ggufFile = 'model-f16.gguf';
export const adapterFiles = ['adapter/adapter_model.safetensors', 'adapter/adapter_config.json'] as const;

/** What the versions that follow one another as the live one have in common. */
export type Lineage = Pick<Checkpoint, 'base' | 'tokenizer'>;

/** The exporter's own list of what it wrote. */
const manifestSchema = z.object({ files: z.record(z.string(), z.object({ sha256: z.string() })) });

/**
 * Looks whether a checkpoint's folder holds what it says, and whether it belongs beside the versions that are there.
 *
 * @param wanted - the files that are going to be loaded, besides `model.safetensors`, which names the weights.
 * @param live - the version that is live where it is to be published.
 * @returns SHA-256 by file of those that are going to be loaded.
 * @throws {ModelServerError} `VERSION_INVALID`, `CHECKPOINT_OTHER_BASE`, `CHECKPOINT_OTHER_TOKENIZER`, `CHECKPOINT_INCOMPLETE`, `CHECKPOINT_CORRUPT`.
 */
export async function checkCheckpoint(
  checkpoint: Checkpoint,
  wanted: readonly string[],
  live: Lineage | undefined,
): Promise<Readonly<Record<string, string>>> {
  refuseName(checkpoint.version);
  refuseOtherLineage(checkpoint, live);
  const { path, version } = checkpoint;
  const files = [weightsFile, ...wanted];
  const missing = files.filter((file) => !existsSync(join(path, file)));
  if (missing.length > 0) {
    throw new ModelServerError({
      code: 'CHECKPOINT_INCOMPLETE',
      message: `The checkpoint ${version} in ${path} has no ${missing.join(' and no ')}.`,
      hint: 'Export it again: a trainer writes all of its files, or none.',
    });
  }
  const expected: Readonly<Record<string, string>> = {
    ...(await manifestHashes(path)),
    ...checkpoint.files,
    [weightsFile]: checkpoint.sha256,
  };
  const found: Record<string, string> = {};
  for (const file of files) {
    const sha256 = await sha256OfFile(join(path, file));
    if (expected[file] !== undefined && expected[file] !== sha256)
      throw corrupt(checkpoint, `${file} has another SHA-256 than was written`);
    if (wanted.includes(file)) found[file] = sha256;
  }
  if (wanted.includes(ggufFile)) refuseOtherVocabulary(checkpoint);
  return found;
}

/** @throws {UnsupportedError} `CHECKPOINT_UNSUPPORTED` */
export function unsupportedCheckpoint({ version, kind }: Checkpoint, why: string, hint: string): UnsupportedError {
  return new UnsupportedError('server', {
    code: 'CHECKPOINT_UNSUPPORTED',
    message: `The checkpoint ${version} (${kind}) cannot be served here: ${why}.`,
    hint,
  });
}

/** What cannot name a version would reach out of a folder, or into another model's name. */
export function refuseName(version: string): void {
  if (versionName.safeParse(version).success && version !== 'live') return;
  throw new ModelServerError({
    code: 'VERSION_INVALID',
    message: `'${version}' cannot name a version.`,
    hint: "A name has letters, digits, - and _, at most 64 of them, and is not 'live'.",
  });
}

/** What is live is followed by versions of the same policy only. @throws {ModelServerError} `CHECKPOINT_OTHER_BASE`, `CHECKPOINT_OTHER_TOKENIZER` */
export function refuseOtherLineage(next: Lineage & { readonly version: string }, live: Lineage | undefined): void {
  if (live === undefined) return;
  const { version, base, tokenizer } = next;
  if (live.base !== base) {
    throw new ModelServerError({
      code: 'CHECKPOINT_OTHER_BASE',
      message: `The version ${version} was trained from the base ${base.slice(0, 12)}…, and the live one from ${live.base.slice(0, 12)}….`,
      hint: 'Publish it under another name, or in another folder: what is rolled back to must be of the same policy.',
    });
  }
  if (live.tokenizer !== tokenizer) {
    throw new ModelServerError({
      code: 'CHECKPOINT_OTHER_TOKENIZER',
      message: `The version ${version} has the tokenizer ${tokenizer.slice(0, 12)}…, and the live one ${live.tokenizer.slice(0, 12)}….`,
      hint: 'Token ids of the two must not be mixed: publish it under another name, or in another folder.',
    });
  }
}

function refuseOtherVocabulary(checkpoint: Checkpoint): void {
  let found: string;
  try {
    found = tokenizerId(readGgufHeader(join(checkpoint.path, ggufFile)));
  } catch (error) {
    if (!(error instanceof SkillError)) throw error;
    throw corrupt(checkpoint, `${ggufFile} cannot be read`, error);
  }
  if (found === checkpoint.tokenizer) return;
  throw new ModelServerError({
    code: 'CHECKPOINT_OTHER_TOKENIZER',
    message: `${ggufFile} of the checkpoint ${checkpoint.version} has the vocabulary ${found.slice(0, 12)}…, and its manifest names ${checkpoint.tokenizer.slice(0, 12)}….`,
    hint: 'Export it again, from the base that it was trained from.',
  });
}

function corrupt({ version, path }: Checkpoint, why: string, cause?: unknown): ModelServerError {
  return new ModelServerError({
    code: 'CHECKPOINT_CORRUPT',
    message: `The checkpoint ${version} in ${path} is not what was saved: ${why}.`,
    hint: 'Take it from a copy, or export it again; a version that is served is not changed by it.',
    cause,
  });
}

/** Hashes in the `manifest.json` that our exporter writes; none where another program wrote the folder. */
async function manifestHashes(path: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(path, 'manifest.json'), 'utf8').catch(() => undefined);
  const parsed = manifestSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return Object.fromEntries(Object.entries(parsed.data?.files ?? {}).map(([file, { sha256 }]) => [file, sha256]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
