import { contentHash, type BankEntry, type Embedder, type ProgressEvent } from '@skillrl/core';
import { aLesson, hashEmbedder, memoryEntryStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { entryKey } from './bank/entry-text.ts';
import { reembed } from './reembed.ts';

const namespace = 'default';
const lessons = (count: number, from = 0): BankEntry[] =>
  Array.from({ length: count }, (_, number) => aLesson({ id: `e${from + number}`, title: `Lesson ${from + number}` }));

/** Notes the texts it embeds, and may do something before each batch. */
function noting(
  base: Embedder = hashEmbedder({ dimensions: 16 }),
  beforeBatch: () => Promise<void> | void = () => {},
): Embedder & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    ...base,
    texts,
    embed: async (asked, options) => {
      await beforeBatch();
      texts.push(...asked);
      return base.embed(asked, options);
    },
  };
}

async function bankOf(put: readonly BankEntry[]) {
  const entries = memoryEntryStore();
  await entries.commit({ namespace, reason: 'test', put });
  await entries.setServingEmbedder(namespace, 'old', undefined);
  return entries;
}

async function vectorsOf(entries: ReturnType<typeof memoryEntryStore>, embedderId: string): Promise<number> {
  const all = await Array.fromAsync((await entries.view(namespace)).list());
  return (
    await entries.cachedVectors(
      embedderId,
      all.map((entry) => contentHash(entryKey(entry))),
    )
  ).size;
}

describe('reembed', () => {
  it('embeds every served text once, then lets the embedder serve', async () => {
    const quarantined = aLesson({ id: 'q', title: 'Not served', status: 'quarantined' });
    const twin = { ...lessons(1)[0]!, id: 'twin' } as BankEntry;
    const entries = await bankOf([...lessons(200), twin, quarantined]);
    const embedder = noting();
    const events: ProgressEvent[] = [];
    const report = await reembed(
      { entries, embedder, progress: (event) => events.push(event) },
      { namespace, batchSize: 64 },
    );
    expect(report).toEqual({
      before: 'old',
      now: embedder.id,
      revision: 1,
      entries: 201,
      embedded: 200,
      alreadyEmbedded: 1,
      withoutDirection: 0,
    });
    expect(new Set(embedder.texts).size).toBe(200);
    expect(embedder.texts).toHaveLength(200);
    expect(embedder.texts.join()).not.toContain('Not served');
    expect(await entries.servingEmbedder(namespace)).toBe(embedder.id);
    expect(events[0]).toMatchObject({ type: 'stage-start', total: 201 });
    expect(events.at(-1)).toMatchObject({ type: 'stage-end', done: 201 });
  });

  it('goes on where it was stopped, with the old one serving until the end', async () => {
    const entries = await bankOf(lessons(300));
    const controller = new AbortController();
    let batches = 0;
    const stopped = noting(hashEmbedder({ dimensions: 16 }), () => {
      batches += 1;
      if (batches === 3) controller.abort();
    });
    await expect(
      reembed({ entries, embedder: stopped }, { namespace, batchSize: 64, signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(await entries.servingEmbedder(namespace)).toBe('old');
    const kept = await vectorsOf(entries, stopped.id);
    expect(kept).toBe(128);
    const again = noting();
    const report = await reembed({ entries, embedder: again }, { namespace, batchSize: 64 });
    expect(report).toMatchObject({ embedded: 300 - kept, alreadyEmbedded: kept });
    expect(await entries.servingEmbedder(namespace)).toBe(again.id);
    expect(await reembed({ entries, embedder: again }, { namespace })).toMatchObject({ embedded: 0, before: again.id });
  });

  it('follows what is added, changed and removed meanwhile', async () => {
    const entries = await bankOf(lessons(100));
    let batches = 0;
    const embedder = noting(hashEmbedder({ dimensions: 16 }), async () => {
      batches += 1;
      if (batches !== 2) return;
      const changed = aLesson({ id: 'e0', title: 'Changed', version: 2 });
      await entries.commit({ namespace, reason: 'meanwhile', put: [changed, ...lessons(150, 100)], remove: ['e1'] });
      await entries.commit({ namespace: 'other', reason: 'theirs', put: [aLesson({ id: 'e0', namespace: 'other' })] });
    });
    const report = await reembed({ entries, embedder }, { namespace, batchSize: 40 });
    expect(report.revision).toBe(2);
    expect(await vectorsOf(entries, embedder.id)).toBe(249);
    expect(new Set(embedder.texts).size).toBe(embedder.texts.length);
  });

  it('ends although entries are added all the time', async () => {
    const entries = await bankOf(lessons(10));
    let added = 10;
    const embedder = noting(hashEmbedder({ dimensions: 16 }), async () => {
      await entries.commit({ namespace, reason: 'meanwhile', put: lessons(3, added) });
      added += 3;
    });
    await reembed({ entries, embedder }, { namespace, batchSize: 5 });
    expect(await entries.servingEmbedder(namespace)).toBe(embedder.id);
  });

  it('keeps no vector without direction, and says how many texts have none', async () => {
    const entries = await bankOf(lessons(3));
    const base = hashEmbedder({ dimensions: 16 });
    const aimless: Embedder = {
      ...base,
      embed: async (texts, options) =>
        (await base.embed(texts, options)).map((vector, position) =>
          texts[position]!.includes('Lesson 1') ? vector.fill(0) : vector,
        ),
    };
    expect(await reembed({ entries, embedder: aimless }, { namespace })).toMatchObject({ withoutDirection: 1 });
    expect(await vectorsOf(entries, aimless.id)).toBe(2);
  });

  it.each([
    [
      'a number that is not finite',
      async (texts: readonly string[]) => texts.map(() => new Float32Array(16).fill(Number.NaN)),
    ],
    ['too few vectors', async () => []],
    ['another length', async (texts: readonly string[]) => texts.map(() => Float32Array.of(1))],
  ])('keeps nothing of an embedder that gives %s, and the old one serves', async (_what, embed) => {
    const entries = await bankOf(lessons(3));
    const broken: Embedder = { id: 'broken', dimensions: 16, embed };
    await expect(reembed({ entries, embedder: broken }, { namespace })).rejects.toMatchObject({
      code: 'EMBEDDER_SHAPE',
    });
    expect(await vectorsOf(entries, 'broken')).toBe(0);
    expect(await entries.servingEmbedder(namespace)).toBe('old');
  });

  it('does not undo a change that someone else made meanwhile', async () => {
    const entries = await bankOf(lessons(3));
    const embedder = noting(hashEmbedder({ dimensions: 16 }), async () => {
      await entries.setServingEmbedder(namespace, 'theirs', 'old');
    });
    await expect(reembed({ entries, embedder }, { namespace })).rejects.toMatchObject({ code: 'EMBEDDER_CHANGED' });
    expect(await entries.servingEmbedder(namespace)).toBe('theirs');
  });

  it('makes the embedder of an empty bank serve', async () => {
    const entries = memoryEntryStore();
    const report = await reembed({ entries, embedder: hashEmbedder() }, { namespace });
    expect(report).toMatchObject({ entries: 0, now: hashEmbedder().id });
    expect(report.before).toBeUndefined();
    expect(await entries.servingEmbedder(namespace)).toBe(hashEmbedder().id);
  });
});
