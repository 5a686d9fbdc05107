import { aDemonstration, aLesson, aPrinciple, memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { exportSkills } from './export-skills.ts';
import { importSkills } from './import-skills.ts';

const namespace = 'default';
const coffee = {
  name: 'brew-coffee',
  text: '---\nname: brew-coffee\ndescription: Brews coffee.\n---\n# Coffee\n\nGrind.',
};

async function aBank() {
  const entries = memoryEntryStore();
  const put = [
    aDemonstration({ id: 'd', status: 'active' }),
    aLesson({ id: 'l', status: 'trial' }),
    aPrinciple({ id: 'p', status: 'quarantined' }),
  ].map((entry) => ({ ...entry, namespace }));
  await entries.commit({ namespace, reason: 'test', put });
  return { entries, put, listed: () => listed(entries) };
}

async function listed(entries: ReturnType<typeof memoryEntryStore>) {
  return Array.fromAsync((await entries.view(namespace)).list());
}

describe('a bank as skills', () => {
  it('gives what may reach a prompt, and is registered', async () => {
    const { entries } = await aBank();
    const episodes = memoryEpisodeStore();
    const skills = await Array.fromAsync(exportSkills({ entries, namespace, episodes, destination: 'there' }));
    expect(skills).toHaveLength(2);
    const lessons = exportSkills({ entries, namespace, kinds: ['lesson'], statuses: ['trial'] });
    expect(await Array.fromAsync(lessons)).toHaveLength(1);
  });

  it('comes back into its bank as it is there', async () => {
    const { entries, put } = await aBank();
    const report = await importSkills(exportSkills({ entries, namespace }), { entries, namespace });
    expect(report).toMatchObject({ added: 0, replaced: 0, skipped: 2, rejected: 0, read: { written: 2 } });
    expect(await listed(entries)).toEqual(put);
  });

  it('is quarantined elsewhere, and whole where it is trusted', async () => {
    const { entries, put } = await aBank();
    const skills = () => exportSkills({ entries, namespace, statuses: ['active', 'trial', 'quarantined'] });
    const [careful, trusting] = [memoryEntryStore(), memoryEntryStore()];
    await importSkills(skills(), { entries: careful, namespace });
    expect(await listed(careful)).toEqual(put.map((entry) => ({ ...entry, status: 'quarantined' })));
    await importSkills(skills(), { entries: trusting, namespace, trust: true });
    expect(await listed(trusting)).toEqual(put);
  });
});

describe('skills of somebody else', () => {
  it('are one revision, with the name of each that was refused', async () => {
    const entries = memoryEntryStore();
    const report = await importSkills([coffee, { name: 'x', text: 'no head' }, { name: 'y', reason: 'Too large.' }], {
      entries,
      namespace,
    });
    expect(report).toMatchObject({ revision: 1, added: 1, rejected: 2, read: { foreign: 1 } });
    expect(report.notes).toMatchObject([{ name: 'x' }, { name: 'y', reason: 'Too large.' }]);
    expect(await listed(entries)).toMatchObject([{ status: 'quarantined' }]);
  });

  it('stay approved when they come again, and are a new version when their text changed', async () => {
    const entries = memoryEntryStore();
    await importSkills([coffee], { entries, namespace, trust: true });
    const { id, status } = (await listed(entries))[0]!;
    expect(status).toBe('quarantined');
    await entries.commit({ namespace, reason: 'approved', statuses: [{ id, status: 'active' }] });
    expect(await importSkills([coffee], { entries, namespace })).toMatchObject({ skipped: 1, replaced: 0 });
    await importSkills([{ ...coffee, text: `${coffee.text}\nStir.` }], { entries, namespace });
    expect(await listed(entries)).toMatchObject([{ id, version: 2, parentVersion: 1, status: 'quarantined' }]);
  });
});
