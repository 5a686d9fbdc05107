import { z } from 'zod';

import type { Checkpoint } from '../checkpoint.ts';
import { index, timestamp } from './shared.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 hexadecimal digits');

/** What names a version can have. */
export const versionName = z
  .string()
  .max(64)
  .regex(/^[\w-]+$/, 'letters, digits, - and _');

/** A checkpoint as it is written beside its files; where they lie is known by whoever reads it. */
export const checkpointSchema: z.ZodType<Omit<Checkpoint, 'path'>> = z.object({
  version: versionName,
  parent: versionName.optional(),
  kind: z.enum(['full', 'lora']),
  base: z.string().min(1),
  tokenizer: z.string().min(1),
  sha256,
  files: z.record(z.string(), sha256).optional(),
  sampler: z.string().min(1).optional(),
  bankRevision: index.optional(),
  createdAt: timestamp,
});
