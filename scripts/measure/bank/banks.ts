import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sizeName, type Context } from './context.ts';
import { inChild } from './in-child.ts';
import type { BankInput, BankResult } from './work/bank.ts';

export interface BuiltBank extends BankResult {
  readonly folder: string;
}

const built = new WeakMap<Context, Map<number, BuiltBank>>();

/** A bank of so many generated entries, built once in a run. */
export async function bankOf(count: number, context: Context): Promise<BuiltBank> {
  const known = built.get(context) ?? new Map<number, BuiltBank>();
  built.set(context, known);
  const before = known.get(count);
  if (before !== undefined) return before;
  context.say(`building a bank of ${sizeName(count)} entries`);
  const folder = join(context.folder, `bank-${count}`);
  mkdirSync(folder);
  const options = { input: { folder, count }, signal: context.signal };
  const result = await inChild<BankInput, Promise<BankResult>>(new URL('./work/bank.ts', import.meta.url), options);
  const bank = { ...result, folder };
  known.set(count, bank);
  return bank;
}
