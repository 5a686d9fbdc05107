import {
  bankEntrySchema,
  parse,
  StoreError,
  type BankEntry,
  type EntryStaging,
  type EntryStore,
  type SkippedEntry,
  type StagedEntry,
} from '@skillrl/core';

/** The reference `EntryStaging`: entries in memory, compared and committed in one go. */
export function memoryStaging(store: EntryStore, namespace: string, release: () => void): EntryStaging {
  const staged = new Map<string, StagedEntry>();
  const skipped: SkippedEntry[] = [];
  return {
    add: async (entries) => {
      for (const { entry } of entries) refuseUnfit(entry, namespace);
      return entries.filter((one) => {
        const isThere = staged.has(one.entry.id);
        if (!isThere) staged.set(one.entry.id, structuredClone(one));
        return isThere;
      });
    },
    commit: async (reason, { signal, progress } = {}) => {
      for (;;) {
        signal?.throwIfAborted();
        const view = await store.view(namespace);
        const present = await view.getMany([...staged.keys()]);
        const put: BankEntry[] = [];
        skipped.length = 0;
        for (const [id, { line, entry }] of staged) {
          const old = present.get(id);
          if (old === undefined || isNews(entry, old)) put.push(entry);
          else skipped.push({ line, id, version: entry.version, presentVersion: old.version });
        }
        const replaced = put.filter(({ id }) => present.has(id)).length;
        const counts = { added: put.length - replaced, replaced, skipped: skipped.length };
        try {
          const expectedRevision = view.revision;
          const revision = await store.commit({ namespace, reason: reason(counts), put, expectedRevision });
          progress?.({ type: 'stage-end', stage: 'commit', done: put.length, durationMs: 0 });
          return { revision, ...counts };
        } catch (error) {
          if (!(error instanceof StoreError) || error.code !== 'REVISION_CONFLICT') throw error;
        }
      }
    },
    async *skipped() {
      yield* skipped.toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
    },
    close: async () => {
      staged.clear();
      release();
    },
  };
}

function isNews(entry: BankEntry, old: BankEntry): boolean {
  const text = (one: BankEntry): string => JSON.stringify(parse(bankEntrySchema, one, `entry '${one.id}'`));
  return old.version <= entry.version && text(entry) !== text(old);
}

function refuseUnfit(entry: BankEntry, namespace: string): void {
  parse(bankEntrySchema, entry, `entry '${entry.id}'`);
  if (entry.namespace === namespace) return;
  throw new StoreError({
    code: 'ENTRY_NAMESPACE',
    message: `The entry '${entry.id}' is of namespace '${entry.namespace}', but the import is into '${namespace}'.`,
    hint: 'Import the entries of each namespace apart.',
  });
}
