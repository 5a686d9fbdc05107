import { closeSync, constants, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { StoreError } from '@skillrl/core';

import type { BankDamage } from './sqlite-check.ts';

/**
 * The number of the last acknowledged write, in a small file beside the bank's.
 *
 * SQLite cannot tell that its log of recent writes was deleted or cut off, or that an older file took the bank's place: it goes on with what
 * there is. This number can. It is written after the commit and not synced, so it never runs ahead of the bank; after a power cut, or when
 * several processes write at once, it may be a little behind.
 */
export interface Acknowledged {
  /** Never fails: the write was made, whether it can be noted or not. */
  keep(seq: number): void;
  close(): void;
}

export function acknowledgedPath(path: string): string {
  return `${path}-acknowledged`;
}

export function acknowledged(path: string): Acknowledged {
  let file: number | undefined;
  let kept = 0;
  return {
    keep: (seq) => {
      if (seq === kept) return;
      try {
        // Made when it is not there, never emptied, and written in place.
        file ??= openSync(acknowledgedPath(path), constants.O_RDWR | constants.O_CREAT, 0o644);
        writeSync(file, `${String(seq).padStart(16)}\n`, 0);
        kept = seq;
      } catch {}
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** 0 when it was never written, or cannot be read. */
export function readAcknowledged(path: string): number {
  try {
    const seq = Number(readFileSync(acknowledgedPath(path), 'utf8'));
    return Number.isSafeInteger(seq) ? seq : 0;
  } catch {
    return 0;
  }
}

export function forgetAcknowledged(path: string): void {
  rmSync(acknowledgedPath(path), { force: true });
}

/** @throws {StoreError} `STORE_WRITES_LOST` for what `lostWrites` finds. */
export function refuseLostWrites(path: string, last: number, seq: number): void {
  for (const { what, remedy } of lostWrites(path, last, seq)) {
    throw new StoreError({ code: 'STORE_WRITES_LOST', message: `${path}: ${what}`, hint: remedy });
  }
}

/**
 * @param last - what was acknowledged, read before `seq`: others may write in between.
 * @param seq - the number of the last write that the file holds.
 */
export function lostWrites(path: string, last: number, seq: number): BankDamage[] {
  if (last <= seq) return [];
  return [
    {
      table: 'file',
      id: '',
      what: `${last - seq} acknowledged writes are missing: the file ends at number ${seq}, but ${last} was acknowledged. Its log of recent writes (${path}-wal) was deleted or cut off, or an older file was put in its place.`,
      remedy: `Put the log or the newer file back, or restore a backup; to go on without those writes, delete ${acknowledgedPath(path)}.`,
    },
  ];
}
