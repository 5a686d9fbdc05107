import { z } from 'zod';

import { InputError } from '../errors.ts';

/** An id. Half a surrogate pair has no UTF-8: two such ids would become one in a store. */
export const idText = z
  .string()
  .min(1)
  .max(512)
  .refine((id) => id.isWellFormed(), 'half a surrogate pair');
/** Text that a store lists or filters by; well-formed for the same reason as an id. */
export const listedText = z.string().refine((text) => text.isWellFormed(), 'half a surrogate pair');
export const timestamp = z.number().int().nonnegative();
export const index = z.number().int().nonnegative();

/** Names a value from outside, whatever it is, by its id: `entry 'a'`. */
export function nameOf(kind: string, value: unknown): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' ? `${kind} '${id}'` : `${kind} without an id`;
}

/**
 * Parses a value from outside with its schema.
 *
 * @param what - names the value in the error: `'event of episode e1'`.
 * @throws {InputError} `SCHEMA_MISMATCH` naming the first field that does not fit.
 */
export function parse<Value>(schema: z.ZodType<Value>, value: unknown, what: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the value' : `'${issue.path.join('.')}'`;
  throw new InputError({
    code: 'SCHEMA_MISMATCH',
    message: `The ${what} does not fit its schema: ${where}: ${issue?.message ?? 'invalid'}.`,
    hint: 'It may come from another version of the program, or have been edited by hand.',
    cause: result.error,
  });
}
