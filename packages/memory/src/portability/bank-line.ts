import { bankEntrySchema, InputError, type BankEntry } from '@skillrl/core';
import { z } from 'zod';

import { canonicalJson } from './canonical-json.ts';
import type { FileLine } from './split-lines.ts';

export const bankFormat = 'skillrl-bank';
export const bankFormatVersion = 1;

const headerSchema = z.object({
  format: z.literal(bankFormat),
  version: z.literal(bankFormatVersion),
  count: z.number().int().nonnegative(),
  sha256: z.string(),
});

/** The first line of a bank's file: how many entry lines follow, and the hash of these. */
export type BankHeader = z.infer<typeof headerSchema>;

export function headerLine({ count, sha256 }: Pick<BankHeader, 'count' | 'sha256'>): string {
  return canonicalJson({ format: bankFormat, version: bankFormatVersion, count, sha256 });
}

/** An entry as a line. Its namespace stays behind: where it goes is for the import to say. */
export function entryLine(entry: BankEntry): string {
  return canonicalJson({ ...entry, namespace: undefined });
}

/** @throws {InputError} `BANK_HEADER` */
export function readHeader(line: FileLine | undefined): BankHeader {
  const parsed = headerSchema.safeParse(typeof line === 'string' ? jsonOf(line) : undefined);
  if (parsed.success) return parsed.data;
  throw new InputError({
    code: 'BANK_HEADER',
    message: `The file does not begin with the header of a bank (format "${bankFormat}", version ${bankFormatVersion}).`,
    hint: 'Give a file that `skillrl bank export` wrote.',
    cause: parsed.error,
  });
}

/** What a line says; `hashed` is the text that the header's hash is over: the same, however the line was laid out. */
export type ReadLine = { readonly hashed: string } & (
  | { readonly entry: BankEntry }
  | { readonly id?: string; readonly reason: string }
);

/** @param namespace - where the entry goes, whatever the line says. */
export function readEntryLine(line: FileLine, namespace: string): ReadLine {
  if (typeof line !== 'string') return { hashed: '', reason: line.unreadable };
  const value = jsonOf(line);
  if (value === undefined) return { hashed: line, reason: 'The line is not JSON.' };
  let hashed: string;
  try {
    hashed = canonicalJson(value);
  } catch {
    return { hashed: line, reason: 'The line is nested more than 200 deep.' };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { hashed, reason: 'The line is no JSON object.' };
  }
  const { id, namespace: old = namespace } = value as { id?: unknown; namespace?: unknown };
  const parsed = bankEntrySchema.safeParse({ ...value, namespace: old });
  if (parsed.success) return { hashed, entry: { ...parsed.data, namespace } };
  const issue = parsed.error.issues[0];
  const reason = `${issue?.path.join('.') || 'The line'}: ${issue?.message ?? 'no entry'}.`;
  return { hashed, reason, ...(typeof id === 'string' && { id: id.slice(0, 512) }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
