import { createHash, type Hash } from 'node:crypto';

import {
  bankEntrySchema,
  InputError,
  StoreError,
  type BankEntry,
  type BankView,
  type EntryStatus,
  type EntryStore,
} from '@skillrl/core';
import { z } from 'zod';

import { canonicalJson } from './canonical-json.ts';
import { bankFormat, bankFormatVersion } from './export-bank.ts';

export interface ImportTarget {
  readonly entries: EntryStore;
  /** Every imported entry goes here, wherever it came from. */
  readonly namespace: string;
  /** What imported entries become, such as `quarantined` for a bank of unknown origin. Default: what they were. */
  readonly status?: EntryStatus;
  /** Refuse a file whose count or hash does not fit its lines. Default `false`: what is valid is taken, and the report says it. */
  readonly requireIntact?: boolean;
  readonly signal?: AbortSignal;
}

export interface ImportReport {
  /** The bank's revision afterwards. */
  readonly revision: number;
  /** Whether the header's count and hash fit the lines that followed. */
  readonly intact: boolean;
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  /** Entries that are there already, as they are or newer. */
  readonly skipped: readonly { readonly line: number; readonly id: string; readonly reason: string }[];
  /** Lines that are no entries; numbered from 1, the header's. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

/**
 * Reads a bank from lines of JSON. Everything is validated before anything is changed; what is valid becomes one revision.
 *
 * @param lines - as `exportBank` gives them, or a file's lines.
 * @throws {InputError} `BANK_HEADER` when the first line is no header of this format, `BANK_DAMAGED` when `requireIntact` and it is not.
 */
export async function importBank(
  lines: AsyncIterable<string> | Iterable<string>,
  target: ImportTarget,
): Promise<ImportReport> {
  const file = await readFile(lines, target);
  if (target.requireIntact === true && !file.intact) {
    throw new InputError({
      code: 'BANK_DAMAGED',
      message: `The bank file is not what its header says: ${file.found.size + file.rejected.length} lines were read, and their count or hash differs.`,
      hint: 'Get the file again, or import it without requiring that it is intact.',
    });
  }
  for (let attempt = 1; ; attempt += 1) {
    const view = await target.entries.view(target.namespace);
    const { put, ...outcome } = await compare(file, view);
    target.signal?.throwIfAborted();
    try {
      const reason = `Imported a bank: ${outcome.added.length} entries added, ${outcome.replaced.length} replaced.`;
      const revision = await target.entries.commit({
        namespace: target.namespace,
        reason,
        put,
        expectedRevision: view.revision,
      });
      return { revision, intact: file.intact, ...outcome };
    } catch (error) {
      // Someone else committed in between: compare with what they left.
      if (!(error instanceof StoreError) || error.code !== 'REVISION_CONFLICT' || attempt === 5) throw error;
    }
  }
}

type Comparison = Omit<ImportReport, 'revision' | 'intact'> & { readonly put: readonly BankEntry[] };

/** What the file's entries are to a bank that may hold some of them. */
async function compare(file: BankFile, view: BankView): Promise<Comparison> {
  const put: BankEntry[] = [];
  const added: string[] = [];
  const replaced: string[] = [];
  const skipped: { line: number; id: string; reason: string }[] = [];
  const rejected = [...file.rejected];
  for (const [id, { entry, line }] of file.found) {
    const existing = await view.get(id);
    if (existing !== undefined && canonicalJson(existing) === canonicalJson(entry)) {
      skipped.push({ line, id, reason: 'It is there already.' });
    } else if (existing !== undefined && existing.version > entry.version) {
      skipped.push({ line, id, reason: `Version ${existing.version} is there, newer than ${entry.version}.` });
    } else {
      put.push(entry);
      (existing === undefined ? added : replaced).push(id);
    }
  }
  return { put, added, replaced, skipped, rejected: rejected.toSorted((a, b) => a.line - b.line) };
}

interface BankFile {
  readonly found: ReadonlyMap<string, { readonly entry: BankEntry; readonly line: number }>;
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
  readonly intact: boolean;
}

async function readFile(
  lines: AsyncIterable<string> | Iterable<string>,
  { namespace, status, signal }: ImportTarget,
): Promise<BankFile> {
  const found = new Map<string, { entry: BankEntry; line: number }>();
  const rejected: { line: number; reason: string }[] = [];
  const hash = createHash('sha256');
  let header: Header | undefined;
  let count = 0;
  let line = 0;
  for await (const text of lines) {
    signal?.throwIfAborted();
    line += 1;
    if (text.trim() === '') continue;
    if (header === undefined) {
      header = readHeader(text);
      continue;
    }
    count += 1;
    const read = readEntry(text, hash);
    if ('reason' in read) rejected.push({ line, reason: read.reason });
    else if (found.has(read.entry.id))
      rejected.push({ line, reason: `The id '${read.entry.id}' stands on an earlier line.` });
    else found.set(read.entry.id, { line, entry: { ...read.entry, namespace, status: status ?? read.entry.status } });
  }
  if (header === undefined) throw noHeader();
  return { found, rejected, intact: header.count === count && header.sha256 === hash.digest('hex') };
}

const headerSchema = z.object({
  format: z.literal(bankFormat),
  version: z.literal(bankFormatVersion),
  count: z.number().int().nonnegative(),
  sha256: z.string(),
});
type Header = z.infer<typeof headerSchema>;

function readHeader(text: string): Header {
  const parsed = headerSchema.safeParse(jsonOf(text.replace(/^\uFEFF/u, '')));
  if (!parsed.success) throw noHeader(parsed.error);
  return parsed.data;
}

function noHeader(cause?: unknown): InputError {
  return new InputError({
    code: 'BANK_HEADER',
    message: `The file does not begin with the header of a bank (format "${bankFormat}", version ${bankFormatVersion}).`,
    hint: 'Give a file that `skillrl bank export` wrote.',
    cause,
  });
}

function readEntry(text: string, hash: Hash): { readonly entry: BankEntry } | { readonly reason: string } {
  const value = jsonOf(text);
  hash.update(`${value === undefined ? text : canonicalJson(value)}\n`);
  if (value === undefined) return { reason: 'The line is not JSON.' };
  const parsed = bankEntrySchema.safeParse(value);
  if (parsed.success) return { entry: parsed.data };
  const issue = parsed.error.issues[0];
  return { reason: `${issue?.path.join('.') || 'The line'}: ${issue?.message ?? 'no entry'}.` };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
