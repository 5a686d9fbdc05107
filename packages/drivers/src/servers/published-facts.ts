import type { Checkpoint } from '@skillrl/core';
import { z } from 'zod';

/** What a served version says of itself. */
export type PublishedFacts = Pick<Checkpoint, 'version' | 'sha256' | 'base' | 'tokenizer' | 'createdAt'>;

const prefix = 'skillrl.policy.';
const keys = {
  version: 'version',
  sha256: 'sha256',
  base: 'base',
  tokenizer: 'tokenizer',
  createdAt: 'created_at',
} as const;

const factsSchema = z.object({
  version: z.string(),
  sha256: z.string(),
  base: z.string(),
  tokenizer: z.string(),
  createdAt: z.coerce.number(),
});

/** The facts as keys of a GGUF header. */
export function ggufFacts(checkpoint: PublishedFacts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]) => [prefix + key, String(checkpoint[name as keyof typeof keys])]),
  );
}

/** The facts in a header; `undefined` for a file that was not published with them. */
export function factsOf(header: object): PublishedFacts | undefined {
  const values = header as Readonly<Record<string, unknown>>;
  const found = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, values[prefix + key]]));
  return factsSchema.safeParse(found).data;
}
