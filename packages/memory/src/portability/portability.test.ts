import type { BankEntry } from '@skillrl/core';
import { aDemonstration, aLesson, aPrinciple, memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { exportBank } from './export-bank.ts';
import { importBank } from './import-bank.ts';

const namespace = 'default';
const bank: readonly BankEntry[] = [
  aLesson({ id: 'b', status: 'quarantined', title: 'naïve 寿司 "quoted"\nnext line' }),
  aDemonstration({ id: 'a', conditions: { families: ['house-1'] } }),
  aPrinciple({ id: 'c', machine: { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }] } }),
];

async function storeOf(...entries: readonly BankEntry[]) {
  const store = memoryEntryStore();
  for (const [own, put] of Map.groupBy(entries, (entry) => entry.namespace)) {
    await store.commit({ namespace: own, reason: 'test', put });
  }
  return store;
}
const lines = async (...entries: readonly BankEntry[]): Promise<string[]> =>
  Array.fromAsync(exportBank({ entries: await storeOf(...entries), namespace }));

describe('export and import', () => {
  it('are inverse to the byte', async () => {
    const exported = await lines(...bank);
    const store = memoryEntryStore();
    const report = await importBank(exported, { entries: store, namespace });
    expect(report).toMatchObject({
      revision: 1,
      intact: true,
      lines: 3,
      added: 3,
      replaced: 0,
      skipped: 0,
      rejected: 0,
      notes: [],
    });
    expect(await Array.fromAsync(exportBank({ entries: store, namespace }))).toEqual(exported);
  });

  it('give equal lines for equal entries, whatever order and history brought them there', async () => {
    const other = memoryEntryStore();
    for (const entry of bank.toReversed())
      await other.commit({ namespace: 'default', reason: 'one by one', put: [entry] });
    expect(await Array.fromAsync(exportBank({ entries: other, namespace }))).toEqual(await lines(...bank));
  });

  it('work for an empty bank', async () => {
    const exported = await lines();
    expect(exported).toHaveLength(1);
    expect(await importBank(exported, { entries: memoryEntryStore(), namespace })).toMatchObject({
      revision: 0,
      intact: true,
      added: 0,
    });
  });
});

describe('exportBank', () => {
  it('is sorted, and holds one namespace and the statuses asked for', async () => {
    const store = await storeOf(...bank, aLesson({ id: 'foreign', namespace: 'other' }));
    const idsOf = (exported: readonly string[]) => exported.slice(1).map((line) => (JSON.parse(line) as BankEntry).id);
    expect(idsOf(await Array.fromAsync(exportBank({ entries: store, namespace })))).toEqual(['a', 'b', 'c']);
    expect(idsOf(await Array.fromAsync(exportBank({ entries: store, namespace, statuses: ['active'] })))).toEqual([
      'a',
      'c',
    ]);
  });

  it('registers what it takes out before the first line is read', async () => {
    const episodes = memoryEpisodeStore();
    const stream = exportBank({
      entries: await storeOf(...bank),
      namespace,
      episodes,
      destination: 'bank.jsonl',
      clock: { now: () => 5 },
    });
    for await (const _line of stream) break;
    for (const { id, evidence } of bank) {
      const records = await episodes.exportsHolding({ namespace, entryId: id });
      expect(records).toMatchObject([{ kind: 'jsonl', at: 5, destination: expect.stringContaining('bank.jsonl') }]);
      expect(await episodes.exportsHolding({ episodeId: evidence[0]!.episodeId })).toEqual(records);
    }
  });
});

describe('importBank', () => {
  it('takes the valid lines as one revision and names the others with their numbers', async () => {
    const [header, first, second, third] = await lines(...bank);
    const store = memoryEntryStore();
    const broken = [
      header!,
      first!,
      '{"id": "cut off',
      '',
      JSON.stringify({ ...JSON.parse(second!), status: 'proven' }),
      third!,
      third!,
      'null',
    ];
    const report = await importBank(broken, { entries: store, namespace });
    expect(report).toMatchObject({ revision: 1, intact: false, lines: 6, added: 2, rejected: 4 });
    const rejected = report.notes.toSorted((a, b) => a.line - b.line);
    expect(rejected.map(({ line }) => line)).toEqual([3, 5, 7, 8]);
    expect(rejected[1]).toMatchObject({ id: 'b', reason: expect.stringContaining('status') });
    expect(rejected[2]?.reason).toContain("'c'");
  });

  it('can refuse a file that is not what its header says, changing nothing', async () => {
    const store = memoryEntryStore();
    const exported = await lines(...bank);
    for (const damaged of [exported.slice(0, -1), exported.map((line) => line.replace('mug 1', 'mug 2'))]) {
      await expect(importBank(damaged, { entries: store, namespace, requireIntact: true })).rejects.toMatchObject({
        code: 'BANK_DAMAGED',
      });
    }
    expect(await store.revision()).toBe(0);
  });

  it('does not mind how a line was laid out', async () => {
    const exported = await lines(...bank);
    const pretty = exported.map((line) => JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', ' '));
    expect((await importBank(pretty, { entries: memoryEntryStore(), namespace })).intact).toBe(true);
  });

  it.each([[[]], [['{}']], [['{"format":"skillrl-bank","version":2,"count":0,"sha256":""}']], [['not json']]])(
    'refuses %j: that is no bank',
    async (file) => {
      await expect(importBank(file, { entries: memoryEntryStore(), namespace })).rejects.toMatchObject({
        code: 'BANK_HEADER',
      });
    },
  );

  it('replaces older versions, and skips what is there already or newer', async () => {
    const [same, older, newer] = [
      aLesson({ id: 'same' }),
      aLesson({ id: 'older', version: 1 }),
      aLesson({ id: 'newer', version: 3 }),
    ];
    const store = await storeOf(same, older, newer);
    const file = await lines(same, { ...older, version: 2, title: 'Better' }, { ...newer, version: 2 });
    const report = await importBank(file, { entries: store, namespace });
    expect(report).toMatchObject({
      added: 0,
      replaced: 1,
      skipped: 2,
      notes: [
        { outcome: 'skipped', id: 'newer', line: 2, reason: expect.stringContaining('Version 3') },
        { outcome: 'skipped', id: 'same', line: 4 },
      ],
    });
    expect(await (await store.view('default')).get('older')).toMatchObject({ title: 'Better' });
  });

  it('changes nothing when all of it is there', async () => {
    const store = await storeOf(...bank);
    expect((await importBank(await lines(...bank), { entries: store, namespace })).revision).toBe(1);
  });

  it('puts entries into the namespace and status that the caller names', async () => {
    const store = memoryEntryStore();
    await importBank(await lines(...bank), { entries: store, namespace: 'guest', status: 'quarantined' });
    expect(await (await store.view('guest')).count({ statuses: ['quarantined'] })).toBe(3);
  });

  it('goes into a second namespace of the same store, and comes out of it as it went in', async () => {
    const store = await storeOf(...bank);
    const exported = await Array.fromAsync(exportBank({ entries: store, namespace }));
    const report = await importBank(exported, { entries: store, namespace: 'second' });
    expect(report).toMatchObject({ added: 3, intact: true });
    expect(await Array.fromAsync(exportBank({ entries: store, namespace: 'second' }))).toEqual(exported);
    expect(await Array.fromAsync(exportBank({ entries: store, namespace }))).toEqual(exported);
  });

  it('keeps the first notes and tells all of them to whoever listens', async () => {
    const [header] = await lines();
    const notes: number[] = [];
    const report = await importBank([header!, ...Array.from({ length: 100 }, () => 'not json')], {
      entries: memoryEntryStore(),
      namespace,
      onNote: ({ line }) => void notes.push(line),
    });
    expect(report).toMatchObject({ lines: 100, rejected: 100 });
    expect(report.notes).toHaveLength(20);
    expect(notes).toHaveLength(100);
  });

  it('stops when it is told to, changing nothing', async () => {
    const store = memoryEntryStore();
    await expect(
      importBank(await lines(...bank), { entries: store, namespace, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(await store.revision()).toBe(0);
  });
});
