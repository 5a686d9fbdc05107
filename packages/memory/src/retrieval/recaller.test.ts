import { aLesson, aPrinciple, aTask, hashEmbedder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { armSelections } from '../bank/select-entry.ts';
import {
  elsewhere,
  gardening,
  heating,
  ids,
  lesson,
  mugFacts,
  recallerOver,
  task,
} from '../../test-support/small-bank.ts';
import { createRecaller } from './create-recaller.ts';
import { type EntryRenderer, referenceBlock } from './reference-block.ts';

describe('recall', () => {
  it('finds what is about the task and leaves out what is not', async () => {
    const { recaller } = await recallerOver([mugFacts, heating, lesson, gardening]);
    const advice = await recaller.recall({ task });
    expect(ids(advice.entries)).toEqual(expect.arrayContaining(['heating', 'facts-1']));
    expect(ids(advice.entries)).not.toContain('gardening');
    expect(advice.text).toContain('mug 1 in cabinet 3');
  });

  it('shows of an entry what the task names, and nothing of it when it names nothing', async () => {
    const { recaller } = await recallerOver([mugFacts]);
    expect((await recaller.recall({ task })).entries[0]?.machine?.facts).toEqual([mugFacts.machine!.facts![0]]);
    const other = aTask({ instruction: 'find the spoon', family: 'house-1' });
    expect((await recaller.recall({ task: other })).entries).toEqual([]);
  });

  it('leaves out where things usually are when it knows where they are in this very family', async () => {
    const usually = aPrinciple({
      id: 'usually',
      scope: 'general',
      conditions: { environments: ['house'] },
      machine: { order: [{ find: 'mug', places: ['shelf'] }] },
    });
    const { recaller } = await recallerOver([mugFacts, usually]);
    expect(ids((await recaller.recall({ task })).entries)).toEqual(['facts-1']);
    const elsewhereTask = { ...task, family: 'house-9' };
    expect(ids((await recaller.recall({ task: elsewhereTask })).entries)).toEqual(['usually']);
  });

  it('gives empty advice where it has nothing to say, at no cost', async () => {
    for (const entries of [[], [gardening]]) {
      const { recaller } = await recallerOver(entries);
      expect(await recaller.recall({ task })).toMatchObject({
        entries: [],
        text: '',
        recall: { shown: [], withheld: [], tokens: 0 },
      });
    }
  });

  it('shows an entry only where its conditions hold', async () => {
    const typed = aLesson({ id: 'typed', conditions: { types: ['cool_then_place'] } });
    const foreign = aLesson({ id: 'foreign', conditions: { environments: ['shop'] } });
    const { recaller } = await recallerOver([heating, elsewhere, typed, foreign]);
    expect(ids((await recaller.recall({ task })).entries)).toEqual(['heating']);
    expect(ids((await recaller.recall({ task: { ...task, family: 'house-2' } })).entries)).toEqual(['elsewhere']);
    expect((await recaller.recall({ task: { ...task, family: undefined } })).entries).toEqual([]);
  });

  it.each(['candidate', 'quarantined', 'retired'] as const)('never shows a %s entry', async (status) => {
    const { recaller } = await recallerOver([{ ...heating, status }]);
    expect((await recaller.recall({ task })).entries).toEqual([]);
  });

  it('never shows an entry of another namespace', async () => {
    const { recaller } = await recallerOver([{ ...heating, namespace: 'other' }]);
    expect((await recaller.recall({ task })).entries).toEqual([]);
  });

  it.each([0, 30, 60, 100, 150, 200, 400])('never takes more than a budget of %i tokens', async (budgetTokens) => {
    const { recaller } = await recallerOver([mugFacts, heating, lesson]);
    const { text, recall, entries } = await recaller.recall({ task, budgetTokens });
    expect(referenceBlock.countTokens(text)).toBeLessThanOrEqual(budgetTokens);
    expect(recall.tokens).toBe(referenceBlock.countTokens(text));
    if (budgetTokens < 30) expect(entries).toEqual([]);
    if (budgetTokens >= 400) expect(entries.length).toBeGreaterThan(1);
  });

  it('chooses no two entries that say the same', async () => {
    const twins = [1, 2, 3, 4, 5].map((number) => ({ ...lesson, id: `twin-${number}` }));
    const { recaller } = await recallerOver([...twins, heating]);
    const { entries } = await recaller.recall({ task });
    expect(entries.filter(({ kind }) => kind === 'lesson')).toHaveLength(1);
  });

  it('counts nothing as shown that adds nothing to the text', async () => {
    const renderer: EntryRenderer = {
      name: 'first-fact',
      render: (entries) =>
        [...new Set(entries.map(({ machine }) => machine?.facts?.[0]?.object ?? ''))].filter(Boolean).join('\n'),
      countTokens: (text) => text.length,
    };
    const again = {
      ...mugFacts,
      id: 'again',
      title: 'Seen at breakfast',
      body: { principle: 'It was there at breakfast.', appliesWhen: 'at breakfast' },
    };
    const { recaller } = await recallerOver([mugFacts, again], { renderer });
    const { candidates, advice } = await recaller.explain({ task });
    expect(advice.recall.shown).toHaveLength(1);
    expect(candidates.map(({ decision }) => decision).toSorted()).toEqual(['duplicate', 'shown']);
  });

  it('shows only the part of the bank that an arm may see', async () => {
    const all = [mugFacts, heating, lesson];
    for (const [arm, kinds] of [
      ['demonstrations-only', ['demonstration']],
      ['lessons-only', ['lesson']],
      ['facts-only', ['principle']],
    ] as const) {
      const { recaller } = await recallerOver(all, { select: armSelections[arm] });
      expect((await recaller.recall({ task })).entries.map(({ kind }) => kind)).toEqual(kinds);
    }
  });
});

describe('withholding', () => {
  it('writes down what was shown and what was withheld, each with the probability of being shown', async () => {
    const { recaller } = await recallerOver([mugFacts, heating, lesson], { withholdProbability: 0.5 });
    const seen = { shown: 0, withheld: 0 };
    for (let seed = 0; seed < 200; seed += 1) {
      const { recall, entries } = await recaller.recall({ task, seed });
      expect(ids(entries)).toEqual(recall.shown.map(({ entryId }) => entryId));
      expect(
        [...recall.shown, ...recall.withheld].every(
          ({ propensity, entryVersion }) => propensity === 0.5 && entryVersion === 1,
        ),
      ).toBe(true);
      seen.shown += recall.shown.length;
      seen.withheld += recall.withheld.length;
    }
    expect(seen.shown + seen.withheld).toBe(600);
    // 600 fair draws: 255 to 345 is 3.7 standard deviations to each side.
    expect(seen.withheld).toBeGreaterThan(255);
    expect(seen.withheld).toBeLessThan(345);
  });

  it('draws once for a task and seed: a retry cannot draw again', async () => {
    const { store, recaller } = await recallerOver([mugFacts, heating, lesson], { withholdProbability: 0.5 });
    const first = await recaller.recall({ task, seed: 7 });
    const elsewhereAndLater = createRecaller(
      { entries: store, embedder: hashEmbedder() },
      { namespace: 'default', withholdProbability: 0.5 },
    );
    expect((await elsewhereAndLater.recall({ task, seed: 7 })).recall).toEqual(first.recall);
  });

  it('certainly shows with probability 1 when nothing is withheld', async () => {
    const { recaller } = await recallerOver([heating]);
    expect((await recaller.recall({ task })).recall.shown).toEqual([
      { entryId: 'heating', entryVersion: 1, propensity: 1 },
    ]);
  });
});

describe('a bank that changes', () => {
  it('is followed by a recaller that is not pinned, and not by one that is', async () => {
    const { store, recaller } = await recallerOver([heating]);
    const pinned = createRecaller(
      { entries: store, embedder: hashEmbedder() },
      { namespace: 'default', withholdProbability: 0, revision: 1 },
    );
    expect(ids((await pinned.recall({ task })).entries)).toEqual(['heating']);
    await store.commit({ namespace: 'default', reason: 'test', put: [lesson], remove: ['heating'] });
    expect(ids((await recaller.recall({ task })).entries)).toEqual(['lesson']);
    const again = await pinned.recall({ task });
    expect(ids(again.entries)).toEqual(['heating']);
    expect(again.recall.bankRevision).toBe(1);
    expect(ids((await recaller.recall({ task, revision: 1 })).entries)).toEqual(['heating']);
  });

  it('gives what a new recaller gives, after any changes', async () => {
    const { store, recaller } = await recallerOver([mugFacts, heating, lesson, gardening]);
    await recaller.recall({ task });
    await store.commit({
      namespace: 'default',
      reason: 'edit',
      put: [{ ...lesson, version: 2, title: 'Cold mugs disappoint' }],
      remove: ['facts-1'],
    });
    await store.commit({ namespace: 'default', reason: 'status', statuses: [{ id: 'gardening', status: 'retired' }] });
    await store.commit({
      namespace: 'default',
      reason: 'back',
      put: [mugFacts],
      statuses: [{ id: 'heating', status: 'quarantined' }],
    });
    const fresh = createRecaller(
      { entries: store, embedder: hashEmbedder() },
      { namespace: 'default', withholdProbability: 0 },
    );
    expect(await recaller.explain({ task })).toEqual(await fresh.explain({ task }));
  });

  it('restores the advice that a note tells of, as it was', async () => {
    const { store, recaller } = await recallerOver([mugFacts, heating]);
    const advice = await recaller.recall({ task });
    await store.commit({
      namespace: 'default',
      reason: 'later',
      put: [{ ...heating, version: 2, title: 'Changed' }],
      remove: ['facts-1'],
    });
    expect(await recaller.restore(advice.recall, { task })).toEqual(advice);
  });
});

describe('restore', () => {
  it.each([0, 30, 60, 100, 150, 5_000])('takes no more than a budget of %i tokens', async (budgetTokens) => {
    const { recaller } = await recallerOver([mugFacts, heating, lesson], { budgetTokens: 80 });
    const whole = await recaller.recall({ task, budgetTokens: 1_000 });
    const { text, entries } = await recaller.restore(whole.recall, { task, budgetTokens });
    expect(referenceBlock.countTokens(text)).toBeLessThanOrEqual(budgetTokens);
    expect(whole.entries.slice(0, entries.length)).toEqual(entries);
    if (budgetTokens === 5_000) expect(text).toBe(whole.text);
  });

  it('finds what was recalled with more than the usual budget', async () => {
    const { recaller } = await recallerOver([mugFacts, heating, lesson], { budgetTokens: 60 });
    const request = { task, budgetTokens: 1_000 };
    const advice = await recaller.recall(request);
    expect(advice.entries.length).toBeGreaterThan((await recaller.recall({ task })).entries.length);
    expect(await recaller.restore(advice.recall, request)).toEqual(advice);
  });
});

describe('namespaces', () => {
  it('are kept apart, though ids and texts are the same', async () => {
    const { store, recaller } = await recallerOver([mugFacts, heating, lesson]);
    const theirs = { ...heating, namespace: 'other', title: 'put a hot mug in the cabinet (theirs)' };
    const secret = aPrinciple({ id: 'secret', namespace: 'other', title: 'The hot mug of the other tenant' });
    await store.commit({
      namespace: 'other',
      reason: 'test',
      put: [theirs, { ...lesson, namespace: 'other' }, secret],
    });
    const other = createRecaller(
      { entries: store, embedder: hashEmbedder() },
      { namespace: 'other', withholdProbability: 0 },
    );
    const both = await Promise.all([recaller, other].map((one) => one.explain({ task, budgetTokens: 5_000 })));
    const titles = both.map(({ candidates }) => candidates.map(({ title }) => title));
    expect(titles[0]).toContain(heating.title);
    expect(titles[0]!.join('\n')).not.toMatch(/theirs|tenant/u);
    expect(titles[1]).toEqual(expect.arrayContaining([theirs.title, secret.title]));
    expect(titles[1]).not.toContain(heating.title);
    expect(both[1]!.advice.entries.every(({ namespace }) => namespace === 'other')).toBe(true);
    expect(ids(await recaller.search('hot mug of the other tenant'))).not.toContain('secret');

    await store.commit({ namespace: 'other', reason: 'gone', remove: ['heating', 'lesson', 'secret'] });
    expect((await other.recall({ task })).entries).toEqual([]);
    expect((await recaller.explain({ task, budgetTokens: 5_000 })).candidates).toEqual(both[0]!.candidates);
  });
});

describe('explain', () => {
  it('tells what became of each candidate', async () => {
    const unnamed = aPrinciple({ id: 'unnamed', machine: { order: [{ find: 'hot plate', places: ['shelf'] }] } });
    const { recaller } = await recallerOver([mugFacts, heating, elsewhere, unnamed, gardening], { limit: 1 });
    const { candidates, advice } = await recaller.explain({ task });
    const decisions = Object.fromEntries(candidates.map(({ entryId, decision }) => [entryId, decision]));
    expect(decisions).toMatchObject({
      heating: 'shown',
      'facts-1': 'over-limit',
      elsewhere: 'other-conditions',
      unnamed: 'not-about-task',
    });
    expect(candidates[0]).toMatchObject({
      entryId: 'heating',
      lexicalRank: expect.any(Number),
      denseRank: expect.any(Number),
      coverage: expect.any(Number),
    });
    expect(ids(advice.entries)).toEqual(['heating']);
  });

  it('tells what each relevance is made of, and why', async () => {
    const aside = aLesson({
      id: 'aside',
      title: 'Looking for a fork',
      body: { ...lesson.body, appliesWhen: 'a fork is missing' },
      machine: { facts: [{ subject: 'mug 2', relation: 'in', object: 'shelf 2' }] },
    });
    const { recaller } = await recallerOver([mugFacts, heating, lesson, aside, elsewhere, gardening]);
    const { candidates, budget, search, query, advice } = await recaller.explain({ task });
    expect(query).toBe(task.instruction);
    for (const { parts, relevance, similarity, coverage, gate } of candidates) {
      const sum = Object.values(parts).reduce((total, part) => total + part, 0);
      expect(sum).toBeCloseTo(relevance, 12);
      if (relevance === 0) continue;
      expect(parts.meaning).toBe(Math.max(0, similarity!));
      expect(parts.words).toBeCloseTo(0.15 * coverage, 12);
      expect(gate).toBe(coverage > 0 ? 'open' : 'shut');
    }
    const parts = Object.fromEntries(candidates.map((each) => [each.entryId, each.parts]));
    expect(parts['facts-1']).toMatchObject({ named: expect.any(Number), family: 0.15, offTopic: 0 });
    expect(parts['facts-1']!.named).toBeGreaterThan(0);
    expect(parts['heating']).toMatchObject({ named: 0, family: 0.15 });
    expect(candidates.find(({ entryId }) => entryId === 'aside')!.relevance).toBeLessThanOrEqual(0.5);
    expect(budget).toEqual({ tokens: 600, used: advice.recall.tokens, left: 600 - advice.recall.tokens });
    expect(search.terms.map(({ term }) => term).toSorted()).toEqual(['a', 'cabinet', 'hot', 'in', 'mug', 'put', 'the']);
    expect(search.vectors).toMatchObject({ engine: 'flat', allowed: 5, reason: expect.any(String) });
  });

  it('tells that words stand alone where there is no similarity', async () => {
    const { store } = await recallerOver([heating, lesson]);
    const recaller = createRecaller({ entries: store }, { namespace: 'default' });
    const { candidates, search } = await recaller.explain({ task });
    expect(candidates.find(({ entryId }) => entryId === 'heating')).toMatchObject({ gate: 'words alone' });
    for (const { relevance, coverage, parts } of candidates) {
      expect(Object.values(parts).reduce((total, part) => total + part, 0)).toBeCloseTo(relevance, 12);
      expect(parts.words).toBe(coverage);
    }
    expect(search.vectors).toBeUndefined();
  });

  it('tells what the budget cut', async () => {
    const { recaller } = await recallerOver([heating]);
    const { candidates } = await recaller.explain({ task, budgetTokens: 10 });
    expect(candidates.map(({ decision }) => decision)).toEqual(['over-budget']);
  });
});

describe('search', () => {
  it('finds entries of any family by their words, best first, and nothing for strange words', async () => {
    const { recaller } = await recallerOver([mugFacts, heating, elsewhere, gardening]);
    expect(ids(await recaller.search('water the tulips', { limit: 1 }))).toEqual(['gardening']);
    expect(ids(await recaller.search('hot mug'))).toEqual(expect.arrayContaining(['heating', 'elsewhere']));
  });
});
