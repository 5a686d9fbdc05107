import { AIMessage } from '@langchain/core/messages';
import { getStore } from '@langchain/langgraph';
import { aPrinciple } from '@skillrl/testing';
import { createAgent, fakeModel, tool } from 'langchain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { aSkillMemory } from '../../test-support/agents.ts';
import { storeLabel, storeLabelText } from './labels.ts';
import { valueText } from './value-text.ts';

const ask = { messages: [{ role: 'user', content: 'Where are the mugs?' }] };

describe('a store over the memory', () => {
  it('keeps values and times across a restart, however long the value is', async () => {
    const first = aSkillMemory();
    const value = { text: '🙂é'.repeat(150_000), deep: [{ a: null, b: -0.5, c: '\ud800' }] };
    await first.skills.asStore().put(['docs'], 'long', value);
    const before = await first.skills.asStore().get(['docs'], 'long');
    const second = aSkillMemory({}, first).skills.asStore();
    const found = await second.get(['docs'], 'long');
    expect(found).toEqual({ ...before, value });
    await second.put(['docs'], 'long', { now: 1 });
    const changed = await second.get(['docs'], 'long');
    expect(changed?.createdAt).toEqual(found?.createdAt);
    expect(changed?.value).toEqual({ now: 1 });
  });

  it('loses no write of those that come at once, from two stores', async () => {
    const memory = aSkillMemory();
    const stores = [memory.skills.asStore(), aSkillMemory({}, memory).skills.asStore()];
    await Promise.all(Array.from({ length: 20 }, (_, at) => stores[at % 2]!.put(['n'], `k${at}`, { at })));
    expect(await stores[0]!.search(['n'], { limit: 100 })).toHaveLength(20);
  });

  it('sees what was put before, and the last put wins', async () => {
    const store = aSkillMemory().skills.asStore();
    const puts = [1, 2, 3].map((at) => store.put(['n'], 'k', { at }));
    expect((await store.get(['n'], 'k'))?.value).toEqual({ at: 3 });
    await Promise.all(puts);
  });

  it('gives values of their own: changing one changes nothing that is stored', async () => {
    const store = aSkillMemory().skills.asStore();
    const value = { list: [1] };
    await store.put(['n'], 'k', value);
    value.list.push(2);
    (await store.get(['n'], 'k'))!.value['list'].push(3);
    expect((await store.get(['n'], 'k'))?.value).toEqual({ list: [1] });
  });

  it('ranks by the memory’s retrieval within a namespace, and by nothing what is not indexed', async () => {
    const store = aSkillMemory().skills.asStore();
    await store.put(['docs', 'kitchen'], 'cups', { text: 'cups and mugs are on the shelf' });
    await store.put(['docs', 'kitchen'], 'pans', { text: 'pans hang on the wall' });
    await store.put(['docs', 'garden'], 'mugs', { text: 'mugs are by the well' }, false);
    await store.put(['docs', 'cellar'], 'notes', { text: 'mugs', more: { about: 'wine' } }, ['more.about']);
    await store.put(['other'], 'mugs', { text: 'mugs, mugs, mugs' });
    const found = await store.search(['docs'], { query: 'mugs' });
    expect(found.map(({ key, score }) => [key, score !== undefined])).toEqual([
      ['cups', true],
      ['notes', false],
      ['mugs', false],
      ['pans', false],
    ]);
    const wine = await store.search(['docs'], { query: 'wine', limit: 1 });
    expect(wine).toMatchObject([{ key: 'notes', namespace: ['docs', 'cellar'] }]);
    const filtered = await store.search(['docs'], { query: 'mugs', filter: { text: { $ne: 'mugs' } }, limit: 1 });
    expect(filtered).toMatchObject([{ key: 'cups' }]);
  });

  it('is never recalled into a prompt, nor learned from', async () => {
    const { skills } = aSkillMemory();
    await skills.asStore().put(['docs'], 'mugs', { text: 'Where are the mugs? In the secret drawer.' });
    const model = fakeModel().respond(new AIMessage('?'));
    const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));
    expect((await agent.invoke(ask)).retrievedSkillIds).toEqual([]);
    expect(JSON.stringify(model.calls[0]?.messages)).not.toContain('secret');
  });

  it('belongs to one tenant, and no tenant can be named as a store’s bank is', async () => {
    const { skills } = aSkillMemory();
    await skills.asStore({ namespace: 'acme' }).put(['n'], 'k', { theirs: true });
    expect(await skills.asStore().get(['n'], 'k')).toBeNull();
    expect(await skills.asStore({ namespace: 'acme' }).get(['n'], 'k')).not.toBeNull();
    expect(() => skills.asStore({ namespace: 'langgraph-store:acme' })).toThrow(/kept for what apps store/);
    expect(() => skills.tools({ namespace: 'langchain-documents:acme' })).toThrow(/kept for what apps store/);
  });

  it('shows what was learned under a root of its own, to read', async () => {
    const { skills, entries } = aSkillMemory();
    const put = [
      aPrinciple({ id: 'mugs', title: 'Mugs are on the shelf' }),
      aPrinciple({ id: 'pans', title: 'Pans hang on the wall' }),
      aPrinciple({ id: 'doubtful', title: 'Mugs can fly', status: 'quarantined' }),
    ];
    await entries.commit({ namespace: 'default', reason: 'test', put });
    const store = skills.asStore();
    expect(await store.get(['skillrl', 'skills'], 'mugs')).toMatchObject({ value: { title: 'Mugs are on the shelf' } });
    expect(await store.get(['skillrl', 'skills'], 'doubtful')).toBeNull();
    expect((await store.search(['skillrl'])).map(({ key }) => key)).toEqual(['mugs', 'pans']);
    expect(await store.search(['skillrl', 'skills'], { query: 'pans on the wall', limit: 1 })).toMatchObject([
      { key: 'pans', score: expect.any(Number) },
    ]);
    expect(await store.search(['skillrl', 'other'])).toEqual([]);
    expect(await store.search([])).toEqual([]);
    expect(await store.listNamespaces({ prefix: ['skillrl'] })).toEqual([['skillrl', 'skills']]);
    expect(await store.listNamespaces()).toEqual([]);
    await expect(store.put(['skillrl', 'skills'], 'mugs', {})).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
    await expect(store.delete(['skillrl', 'skills'], 'mugs')).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
  });

  it('refuses what it cannot keep, and keeps nothing of that batch', async () => {
    const store = aSkillMemory().skills.asStore();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const value of [circular, { big: 1n }, undefined as never]) {
      const batch = store.batch([
        { namespace: ['n'], key: 'fine', value: { a: 1 } },
        { namespace: ['n'], key: 'bad', value },
      ]);
      await expect(batch).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    }
    const deep = Array.from({ length: 50 }, () => 'a long label');
    await expect(store.put(deep, 'k', {})).rejects.toMatchObject({ code: 'NAMESPACE_TOO_LONG' });
    expect(await store.search([])).toEqual([]);
    await store.put(['n'], 'fine', { a: 1 });
    expect(await store.search([])).toHaveLength(1);
  });

  it('is the store of an agent, whose tools read and write it', async () => {
    const { skills } = aSkillMemory();
    const store = skills.asStore();
    const remember = tool(
      async ({ fact }) => {
        await getStore()!.put(['users', storeLabel('ann@example.com')], 'fact', { fact });
        return (await getStore()!.search(['users']))[0]?.value['fact'] as string;
      },
      { name: 'remember', description: 'Remembers.', schema: z.object({ fact: z.string() }) },
    );
    const model = fakeModel()
      .respondWithTools([{ name: 'remember', args: { fact: 'likes tea' }, id: 'c1' }])
      .respond(new AIMessage('noted'));
    const result = await createAgent({ model, tools: [remember], store }).invoke(ask);
    expect(result.messages.at(-2)?.text).toBe('likes tea');
    expect(await store.listNamespaces()).toEqual([['users', 'ann@example%002ecom']]);
  });
});

it('makes a label of any text, and the text of the label', () => {
  const texts = ['', '%', '%0025', 'a.b:c', 'ann@example.com', 'langgraph', '%006canggraph', '\u0000', '🙂 é', 'plain'];
  const made = texts.map(storeLabel);
  expect(made.map(storeLabelText)).toEqual(texts);
  expect(new Set(made).size).toBe(texts.length);
  for (const label of made) expect(label).toMatch(/^(?!langgraph$)[^.:\0]+$/);
});

it('reads texts by their paths', () => {
  const value = { title: 'T', n: 3, chapters: [{ text: 'one' }, { text: 'two', more: ['x'] }], empty: ' ', none: null };
  expect(valueText(value)).toBe('T\n3\none\ntwo\nx');
  expect(valueText(value, ['$'])).toBe(valueText(value));
  expect(valueText(value, ['title', 'chapters[*].text'])).toBe('T\none\ntwo');
  expect(valueText(value, ['chapters[-1].text', 'chapters[9].text', 'nothing.here', 'n'])).toBe('two\n3');
  expect(valueText(value, [])).toBe('');
});
