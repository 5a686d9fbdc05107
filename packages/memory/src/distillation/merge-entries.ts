import { isDeepStrictEqual } from 'node:util';

import { servedStatuses, type BankEntry, type BankView, type MachineForm, type SearchOrder } from '@skillrl/core';

import { entryProse } from '../bank/entry-text.ts';
import { joinEvidence } from './evidence.ts';
import { wordsOf } from './names.ts';
import { withTokens } from './make-entry.ts';

/** What a list of drafts changes in a bank. */
export interface Merged {
  readonly put: readonly BankEntry[];
  readonly added: readonly string[];
  /** Entries that were there and gained evidence or a better body. */
  readonly merged: readonly string[];
  readonly quarantined: readonly string[];
}

const mostEvidence = 50;
const mostItems = 40;
/** Share of common words above which two lessons of one cluster say the same. */
const nearIdentical = 0.8;

/** Folds drafts into a view of the bank: equal and near-identical ones become one entry whose evidence adds up. */
export async function mergeEntries(view: BankView, drafts: readonly BankEntry[]): Promise<Merged> {
  const changed = new Map<string, BankEntry>();
  const before = new Map<string, BankEntry | undefined>();
  const lessons = new Map<string, BankEntry[]>();

  const current = async (id: string): Promise<BankEntry | undefined> => {
    if (!before.has(id)) before.set(id, await view.get(id));
    return changed.get(id) ?? before.get(id);
  };
  const alike = async (draft: BankEntry): Promise<BankEntry | undefined> => {
    if (draft.kind !== 'lesson' || draft.madeBy.method === 'contrastive') return undefined;
    let known = lessons.get(draft.cluster);
    if (known === undefined) {
      known = [];
      for await (const entry of view.list({ kinds: ['lesson'], cluster: draft.cluster })) known.push(entry);
      lessons.set(draft.cluster, known);
    }
    const twin = known.find((entry) => isNearIdentical(entry, draft));
    if (twin === undefined) known.push(draft);
    return twin && ((await current(twin.id)) ?? twin);
  };

  for (const draft of drafts) {
    const existing = (await current(draft.id)) ?? (await alike(draft));
    const next = existing === undefined ? draft : joined(existing, draft);
    if (next !== existing) changed.set(next.id, next);
  }
  const put = [...changed.values()].filter((entry) => !isDeepStrictEqual(entry, before.get(entry.id)));
  const added = put.filter(({ id }) => before.get(id) === undefined);
  return {
    put,
    added: added.map(({ id }) => id),
    merged: put.filter(({ id }) => before.get(id) !== undefined).map(({ id }) => id),
    quarantined: added.filter(({ status }) => status === 'quarantined').map(({ id }) => id),
  };
}

/** One entry of two that say the same. The older keeps its id, its words and its place in life. */
export function joined(existing: BankEntry, draft: BankEntry): BankEntry {
  const isSound = draft.status !== 'quarantined';
  // Nothing untrusted or unverified is added to what is served.
  if (!isSound && servedStatuses.includes(existing.status)) return existing;

  const isCounted = draft.madeBy.method.startsWith('counted-');
  // A sound draft is the second verification that a quarantined entry waits for: its words replace the doubtful ones.
  const isRelease = isSound && existing.status === 'quarantined';
  const replaces = isCounted || isRelease;
  const body = replaces ? draft.body : existing.body;
  const machine = replaces ? draft.machine : joinedMachine(existing.machine, draft.machine);
  const isChanged = !isDeepStrictEqual([body, machine], [existing.body, existing.machine]);
  const evidence = isCounted ? draft.evidence : capped(joinEvidence(existing.evidence, draft.evidence));
  if (!isChanged && !isRelease && isDeepStrictEqual(evidence, existing.evidence)) return existing;
  return withTokens<BankEntry>({
    ...existing,
    ...(replaces && { title: draft.title, madeBy: draft.madeBy }),
    body,
    machine,
    evidence,
    status: isRelease ? draft.status : existing.status,
    ...(isChanged && { version: existing.version + 1, parentVersion: existing.version }),
  } as BankEntry);
}

function joinedMachine(older: MachineForm | undefined, newer: MachineForm | undefined): MachineForm | undefined {
  if (older === undefined || newer === undefined) return older ?? newer;
  const facts = distinct([...(older.facts ?? []), ...(newer.facts ?? [])], (fact) => JSON.stringify(fact));
  const order = distinct([...(older.order ?? []), ...agreed(older.order, newer.order)], ({ find }) => find);
  const instead = distinct([...(older.instead ?? []), ...(newer.instead ?? [])], ({ avoid }) => avoid);
  const procedures = distinct([...(older.procedures ?? []), ...(newer.procedures ?? [])], ({ name }) => name);
  return {
    ...(facts.length > 0 && { facts }),
    ...(order.length > 0 && { order }),
    ...(instead.length > 0 && { instead }),
    ...(procedures.length > 0 && { procedures }),
  };
}

/** The newer orders, of the places that an older one names as well where there are such: what a search ruled out stays so. */
function agreed(older: readonly SearchOrder[] = [], newer: readonly SearchOrder[] = []): SearchOrder[] {
  return newer.map(({ find, places }) => {
    const before = older.find((order) => order.find === find)?.places ?? places;
    const common = places.filter((place) => before.includes(place));
    return { find, places: common.length > 0 ? common : places };
  });
}

/** The newest item of each key, as many as an entry holds. */
function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()].slice(-mostItems);
}

/** The first evidence, which the words come from, and the latest. */
function capped<Item>(evidence: readonly Item[]): readonly Item[] {
  return evidence.length <= mostEvidence ? evidence : [evidence[0]!, ...evidence.slice(1 - mostEvidence)];
}

function isNearIdentical(a: BankEntry, b: BankEntry): boolean {
  if (a.kind !== b.kind || !isDeepStrictEqual(a.conditions, b.conditions)) return false;
  const words = (entry: BankEntry): Set<string> => new Set(wordsOf(entryProse(entry)));
  const [left, right] = [words(a), words(b)];
  const common = [...left].filter((word) => right.has(word)).length;
  return common >= nearIdentical * (left.size + right.size - common);
}
