import { type EntryStatus } from '@skillrl/core';
import { aPrinciple, memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { createMemory } from '../create-memory.ts';

const ruling = { by: 'ann', reason: 'I read it: it is our own page' };

describe('a quarantined entry', () => {
  it('goes on trial when somebody releases it, and is recalled from then on', async () => {
    const { memory, entries } = await withEntry('quarantined');
    expect(await memory.search('mugs')).toEqual([]);
    const before = await entries.revision();
    expect(await memory.release('p', ruling)).toBe(before + 1);
    expect((await memory.entry('p'))?.status).toBe('trial');
    await memory.recaller.prepare();
    expect((await memory.search('mugs')).map(({ id }) => id)).toEqual(['p']);
  });

  it('goes back when somebody says so, once', async () => {
    const { memory } = await withEntry('active');
    const revision = await memory.quarantine('p', { by: 'ann', reason: 'it sounds wrong' });
    expect((await memory.entry('p'))?.status).toBe('quarantined');
    expect(await memory.quarantine('p', { by: 'bob', reason: 'I agree' })).toBe(revision);
  });

  it('is told from others: what is not there, not of this tenant, or not in quarantine is refused', async () => {
    const { memory } = await withEntry('retired');
    await expect(memory.release('p', ruling)).rejects.toMatchObject({ code: 'ENTRY_NOT_QUARANTINED' });
    await expect(memory.release('q', ruling)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
    await expect(memory.inNamespace('acme').release('p', ruling)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
    await expect(memory.quarantine('q', ruling)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  });

  it('is released by nobody without a name and a reason', async () => {
    const { memory } = await withEntry('quarantined');
    for (const incomplete of [
      { by: ' ', reason: 'read' },
      { by: 'ann', reason: '' },
    ])
      await expect(memory.release('p', incomplete)).rejects.toMatchObject({ code: 'RULING_INCOMPLETE' });
    expect((await memory.entry('p'))?.status).toBe('quarantined');
  });
});

describe('an entry learned from a run', () => {
  it('whose tool nobody trusts is released by whoever read it', async () => {
    const { memory } = await withEntry('trial');
    const id = await learned(memory, { verified: true, trust: 'tool' });
    await memory.release(id, ruling);
    expect((await memory.entry(id))?.status).toBe('trial');
    // Learning again does not take the word back.
    await memory.learn();
    expect((await memory.entry(id))?.status).toBe('trial');
  });

  it('whose success nobody verified is not released, until its outcome is said', async () => {
    const { memory } = await withEntry('trial');
    const id = await learned(memory, { verified: false, trust: 'environment' });
    await expect(memory.release(id, ruling)).rejects.toMatchObject({
      code: 'OUTCOME_UNVERIFIED',
      message: expect.stringContaining('verified by nobody'),
    });
    await memory.outcome('e', true);
    await memory.learn();
    expect((await memory.entry(id))?.status).toBe('trial');
  });
});

async function withEntry(status: EntryStatus) {
  const entries = memoryEntryStore();
  const body = { principle: 'Mugs are on the shelf.', appliesWhen: 'looking for mugs' };
  await entries.commit({
    namespace: 'default',
    reason: 'test',
    put: [aPrinciple({ id: 'p', status, title: 'mugs', body })],
  });
  const memory = createMemory({ episodes: memoryEpisodeStore(), entries });
  await memory.recaller.prepare();
  return { memory, entries };
}

/** Records one success and learns from it. @returns the id of the quarantined demonstration. */
async function learned(
  memory: ReturnType<typeof createMemory>,
  { verified, trust }: { readonly verified: boolean; readonly trust: 'tool' | 'environment' },
): Promise<string> {
  const task = { id: 't', instruction: 'find the cup', environment: 'user', domainKind: 'convergent' } as const;
  await memory.recorder.start({ task, purpose: 'train', policy: { name: 'p', version: '1' }, episodeId: 'e' });
  const actionId = await memory.recorder.act('e', { action: 'look in the cupboard' });
  await memory.recorder.answer('e', actionId, { observation: 'a cup', trust });
  await memory.recorder.end('e', 'terminated');
  const source = verified ? 'environment' : 'model';
  await memory.recorder.outcome('e', { status: 'success', score: 1, source, verified });
  const { quarantined } = await memory.learn();
  expect(quarantined).toHaveLength(1);
  return quarantined[0]!;
}
