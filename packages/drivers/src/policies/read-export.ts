import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { InputError, type Checkpoint } from '@skillrl/core';
import { z } from 'zod';

import { readGgufHeader } from '../models/llama-cpp/gguf-header.ts';
import { tokenizerId } from '../models/llama-cpp/vocabulary.ts';
import { ggufFile, weightsFile } from '../servers/checkpoint-files.ts';
import { sha256OfFile } from '../servers/durable-files.ts';

/** What the trainer's export says of itself. */
const manifestSchema = z.object({ base_sha256: z.string().optional(), is_lora: z.boolean().optional() });

export type ExportFacts = Pick<Checkpoint, 'version' | 'parent' | 'bankRevision' | 'createdAt'>;

/**
 * The checkpoint that a folder is which a trainer exported. Weights that name no base are one themselves.
 *
 * @throws {InputError} `CHECKPOINT_INCOMPLETE`; {ModelError} `MODEL_FILE_INVALID` for a GGUF file that cannot be read.
 */
export async function readExport(folder: string, facts: ExportFacts): Promise<Checkpoint> {
  const path = resolve(folder);
  const missing = [weightsFile, ggufFile].filter((file) => !existsSync(join(path, file)));
  if (missing.length > 0) {
    throw new InputError({
      code: 'CHECKPOINT_INCOMPLETE',
      message: `${path} has no ${missing.join(' and no ')}.`,
      hint: "Give a folder with a version's files: one below another project's .skillrl/policies, or the archive of a trainer's sampler checkpoint, unpacked.",
    });
  }
  const manifest = manifestSchema.safeParse(await readJson(join(path, 'manifest.json'))).data ?? {};
  const sha256 = await sha256OfFile(join(path, weightsFile));
  return {
    ...facts,
    kind: (manifest.is_lora ?? existsSync(join(path, 'adapter'))) ? 'lora' : 'full',
    base: manifest.base_sha256 ?? sha256,
    tokenizer: tokenizerId(readGgufHeader(join(path, ggufFile))),
    path,
    sha256,
  };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
