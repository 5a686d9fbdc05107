import { contentHash, type BankEntry, type EntryStatus } from '@skillrl/core';

import { estimateTokens } from '../retrieval/estimate-tokens.ts';
import { entryProse } from '../bank/entry-text.ts';

/** An id that equal content gives again, so that distilling twice does not store twice. */
export function entryId(kind: BankEntry['kind'], ...key: readonly string[]): string {
  return `${kind}_${contentHash(key.join('\u0000')).slice(0, 24)}`;
}

/** The entry with its length filled in. */
export function withTokens<Entry extends BankEntry>(entry: Omit<Entry, 'tokens'>): Entry {
  const complete = { ...entry, tokens: 0 } as Entry;
  return { ...complete, tokens: estimateTokens(entryProse(complete)) };
}

/** Without a ledger yet, what passed the checks is on trial; what rests on an untrusted or unverified word waits for a second verification. */
export function firstStatus(isSound: boolean): EntryStatus {
  return isSound ? 'trial' : 'quarantined';
}
