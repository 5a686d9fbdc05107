import { createHash } from 'node:crypto';

import { InputError } from '@skillrl/core';

import { readEntryLine, readHeader, type BankHeader } from './bank-line.ts';
import { importItems, type ImportCounts, type ImportItem, type ImportTarget } from './import-items.ts';
import type { FileLine } from './split-lines.ts';

export interface BankImportOptions {
  /** Refuse a file whose count or hash does not fit its lines. Default `false`: what is valid is taken, and the report says it. */
  readonly requireIntact?: boolean;
}

export interface ImportReport extends ImportCounts {
  /** Lines after the header that are not blank. */
  readonly lines: number;
  /** Whether the header's count and hash fit the lines that followed. */
  readonly intact: boolean;
}

/**
 * Reads a bank from lines of JSON. All of it is validated before anything is changed; what is valid becomes one revision.
 *
 * @param lines - as `exportBank` gives them, or a file's: see `splitLines`. Numbered from 1, the header's.
 * @throws {InputError} `BANK_HEADER` when the first line is no header of this format, `BANK_DAMAGED` when `requireIntact` and it is not;
 * {StoreError} `LOCKED` while another import is under way.
 */
export async function importBank(
  lines: AsyncIterable<FileLine> | Iterable<FileLine>,
  { requireIntact = false, ...target }: ImportTarget & BankImportOptions,
): Promise<ImportReport> {
  target.signal?.throwIfAborted();
  const file = new BankFile(target.namespace);
  const counts = await importItems(file.items(lines), target, {
    total: () => file.header?.count,
    beforeCommit: () => {
      if (requireIntact && !file.isIntact()) throw damaged(file.count);
    },
  });
  return { ...counts, lines: file.count, intact: file.isIntact() };
}

/** A bank's lines as they are read, with their count and hash. */
class BankFile {
  readonly #namespace: string;
  readonly #hash = createHash('sha256');
  #digest: string | undefined;
  header: BankHeader | undefined;
  count = 0;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  async *items(lines: AsyncIterable<FileLine> | Iterable<FileLine>): AsyncGenerator<ImportItem> {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (typeof line === 'string' && line.trim() === '') continue;
      if (this.header === undefined) {
        this.header = readHeader(typeof line === 'string' ? line.replace(/^\uFEFF/u, '') : line);
        continue;
      }
      this.count += 1;
      const { hashed, ...read } = readEntryLine(line, this.#namespace);
      this.#hash.update(hashed).update('\n');
      yield { line: number, ...read };
    }
    if (this.header === undefined) readHeader(undefined);
  }

  isIntact(): boolean {
    this.#digest ??= this.#hash.digest('hex');
    return this.header?.count === this.count && this.header.sha256 === this.#digest;
  }
}

function damaged(count: number): InputError {
  return new InputError({
    code: 'BANK_DAMAGED',
    message: `The bank file is not what its header says: ${count} lines were read, and their count or hash differs.`,
    hint: 'Get the file again, or import it without requiring that it is intact.',
  });
}
