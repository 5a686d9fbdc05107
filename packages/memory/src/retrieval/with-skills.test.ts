import { StoreError, type Advice, type ModelCall, type Policy, type PolicyTurn } from '@skillrl/core';
import { aDemonstration, aLesson, aModelCall, aPrinciple, aTask, memoryEntryStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { createRecaller } from './create-recaller.ts';
import { machineLines } from '../bank/entry-text.ts';
import { placeboRecaller } from './placebo-recaller.ts';
import type { Recaller, RecallerOptions } from './recaller.ts';
import { referenceBlock, type EntryRenderer } from './reference-block.ts';
import { replayPolicy } from './replay-policy.ts';
import { withSkills } from './with-skills.ts';

const task = aTask({ instruction: 'put a hot mug in the cabinet', family: 'house-1' });
const conditions = (family: string) => ({ environments: ['house'], families: [family] });
const heating = aDemonstration({ id: 'heating', conditions: conditions('house-1') });

function turn(changes: Partial<PolicyTurn> = {}): PolicyTurn {
  return { episodeId: 'e1', task, initialObservation: 'You are in a kitchen.', steps: [], ...changes };
}

function laterTurn(calls: readonly ModelCall[]): PolicyTurn {
  const step = { index: 0, actionId: 'a0', action: 'look', callIds: [], reward: 0, calls };
  return turn({ steps: [step] });
}

/** A policy that remembers what it was advised. */
function attentive() {
  const advised: (Advice | undefined)[] = [];
  const released: string[] = [];
  const policy: Policy = {
    name: 'attentive',
    version: '1',
    act: async ({ advice }) => {
      advised.push(advice);
      return { action: 'look', calls: [aModelCall(), aModelCall()] };
    },
    release: (id) => void released.push(id),
  };
  return { policy, advised, released };
}

async function bank() {
  const entries = memoryEntryStore();
  await entries.commit({ namespace: 'default', reason: 'test', put: [heating] });
  return { entries, recaller: createRecaller({ entries }, { namespace: 'default', withholdProbability: 0 }) };
}

describe('withSkills', () => {
  it('advises every turn alike and puts the note on the first call of the first turn alone', async () => {
    const { recaller } = await bank();
    const { policy, advised } = attentive();
    const skilled = withSkills(policy, recaller);
    const first = await skilled.act(turn(), { seed: 1 });
    const second = await skilled.act(laterTurn(first.calls), { seed: 2 });
    expect(first.calls.map(({ recall }) => recall?.shown.length)).toEqual([1, undefined]);
    expect(second.calls.map(({ recall }) => recall)).toEqual([undefined, undefined]);
    expect(advised[0]?.entries.map(({ id }) => id)).toEqual(['heating']);
    expect(advised[1]).toEqual(advised[0]);
  });

  it('gives a process that takes the episode over the advice it began with, though the bank has moved on', async () => {
    const { entries, recaller } = await bank();
    const before = attentive();
    const first = await withSkills(before.policy, recaller).act(turn(), { seed: 1 });
    await entries.commit({ namespace: 'default', reason: 'later', put: [aLesson({ id: 'new' })], remove: ['heating'] });
    const after = attentive();
    const second = await withSkills(after.policy, createRecaller({ entries }, { namespace: 'default' })).act(
      laterTurn(first.calls),
      { seed: 2 },
    );
    expect(after.advised).toEqual(before.advised);
    expect(second.calls[0]?.recall).toBeUndefined();
  });

  it('acts without advice when the bank cannot be read, and says so in the note', async () => {
    const broken = {
      name: 'broken',
      recall: () => Promise.reject(new StoreError({ code: 'STORE_FAILED', message: 'disk gone' })),
    };
    const { policy, advised } = attentive();
    const { calls } = await withSkills(policy, broken as unknown as Recaller).act(turn(), { seed: 1 });
    expect(advised[0]).toMatchObject({ entries: [], text: '' });
    expect(calls[0]?.recall?.degraded).toContain('disk gone');
  });

  it('forgets an episode that is over, and tells the policy', async () => {
    const { recaller } = await bank();
    const { policy, released } = attentive();
    const skilled = withSkills(policy, recaller);
    await skilled.act(turn(), { seed: 1 });
    skilled.release?.('e1');
    expect(released).toEqual(['e1']);
  });

  it('names in its version what is recalled', async () => {
    const { entries, recaller } = await bank();
    const { policy } = attentive();
    const pinned = createRecaller({ entries }, { namespace: 'default', revision: 1 });
    expect(withSkills(policy, recaller).version).not.toBe(withSkills(policy, pinned).version);
  });
});

describe('placeboRecaller', () => {
  const fact = (subject: string, object: string) => ({ subject, relation: 'in', object });
  const facts = (id: string, family: string, ...list: ReturnType<typeof fact>[]) =>
    aPrinciple({
      id,
      title: `Where things are in ${family}`,
      conditions: conditions(family),
      machine: { facts: list },
    });
  const orders = aPrinciple({
    id: 'orders',
    scope: 'general',
    conditions: { environments: ['house'] },
    machine: {
      order: [
        { find: 'mug', places: ['cabinet'] },
        { find: 'fork', places: ['drawer'] },
      ],
    },
  });

  async function both(changes: Partial<RecallerOptions> = {}) {
    const entries = memoryEntryStore();
    const here = facts('here', 'house-1', fact('mug 1', 'cabinet 3'));
    const there = facts(
      'there',
      'house-2',
      fact('mug 1', 'shelf 1'),
      fact('plate 1', 'table 1'),
      fact('fork 1', 'table 2'),
    );
    const demonstrations = ['house-2', 'house-3'].map((family) =>
      aDemonstration({ id: `demo-${family}`, conditions: conditions(family) }),
    );
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [here, there, heating, orders, ...demonstrations],
    });
    const options = { namespace: 'default', withholdProbability: 0, ...changes };
    return { real: createRecaller({ entries }, options), placebo: placeboRecaller({ entries }, options) };
  }

  it("shows as many entries of the same kinds and about the same length, none of the task's own house", async () => {
    const { real, placebo } = await both();
    const [truth, control] = [await real.recall({ task }), await placebo.recall({ task })];
    expect(control.entries.map(({ kind }) => kind)).toEqual(truth.entries.map(({ kind }) => kind));
    expect(control.entries.some(({ conditions: held }) => held?.families?.includes('house-1'))).toBe(false);
    expect(control.recall.tokens).toBeGreaterThan(truth.recall.tokens * 0.7);
    expect(control.recall.tokens).toBeLessThan(truth.recall.tokens * 1.3);
    expect(control.recall.shown.map(({ entryId }) => entryId)).toEqual(control.entries.map(({ id }) => id));
  });

  it('says nothing about what the task names', async () => {
    const { placebo } = await both();
    const machine = (await placebo.recall({ task })).entries
      .filter(({ kind }) => kind === 'principle')
      .map((entry) => entry.machine);
    expect(JSON.stringify(machine)).not.toContain('mug');
    expect(machine).toHaveLength(1);
  });

  it('says nothing that is true of the house, warns of nothing the task needs, and is cut to what the real text came to', async () => {
    const plain: EntryRenderer = {
      name: 'plain',
      render: (list) => [...new Set(list.flatMap((entry) => machineLines(entry)))].join('\n'),
      countTokens: (text) => text.split('\n').filter(Boolean).length,
    };
    const entries = memoryEntryStore();
    const rule = (id: string, family: string, avoid: string, better: string) =>
      aPrinciple({
        id,
        title: `What holds in ${family}`,
        conditions: conditions(family),
        machine: { instead: [{ avoid, do: better }] },
        body: { principle: 'Some refuse.', appliesWhen: 'put a hot mug in the cabinet: something is to be heated' },
      });
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [
        facts('here', 'house-1', fact('mug 1', 'cabinet 3'), fact('mug 2', 'shelf 1'), fact('fork 1', 'drawer 1')),
        facts('also-here', 'house-1', fact('mug 1', 'cabinet 3'), fact('mug 2', 'shelf 1')),
        facts(
          'there',
          'house-2',
          fact('fork 2', 'drawer 1'),
          fact('fork 3', 'sofa 1'),
          fact('pan 1', 'bed 1'),
          fact('pan 2', 'sofa 2'),
        ),
        facts('far', 'house-3', fact('pen 2', 'desk 1'), fact('pen 3', 'desk 2'), fact('cup 1', 'bed 1')),
        rule('rule', 'house-1', 'put mug 1 in cabinet 1', 'put mug 1 in cabinet 2'),
        rule('rule-there', 'house-2', 'put plate 1 in shelf 1', 'put plate 1 in shelf 2'),
        rule('rule-far', 'house-3', 'cool plate 1 with fridge 1', 'cool plate 1 with fridge 2'),
      ],
    });
    const options = { namespace: 'default', renderer: plain, withholdProbability: 0, minRelevance: 0 };
    const truth = await createRecaller({ entries }, options).recall({ task });
    const { text, recall } = await placeboRecaller({ entries }, options).recall({ task });
    expect(truth.recall.tokens).toBe(3);
    expect(recall.tokens).toBe(3);
    // There are forks in drawer 1 here too; and `put` is what the task is about.
    expect(text).not.toMatch(/mug|fork 2 in drawer 1|put plate/);
    expect(text).toContain('cool plate 1 with fridge 1');
  });

  it('shows nothing where the real one shows nothing, and gives the same each time', async () => {
    const { placebo } = await both();
    const strange = aTask({ environment: 'elsewhere', instruction: 'sing' });
    expect(await placebo.recall({ task: strange })).toMatchObject({ entries: [], text: '' });
    const advice = await placebo.recall({ task });
    expect(await placebo.recall({ task })).toEqual(advice);
    expect(await placebo.restore(advice.recall, { task })).toEqual(advice);
  });

  it.each([120, 180, 5_000])(
    'is found again with the seed and the budget of %i tokens it had',
    async (budgetTokens) => {
      const { placebo } = await both({ withholdProbability: 0.5, budgetTokens: 90 });
      const found = { shown: 0 };
      for (let seed = 0; seed < 12; seed += 1) {
        const request = { task, seed, budgetTokens };
        const advice = await placebo.recall(request);
        expect(await placebo.restore(advice.recall, request)).toEqual(advice);
        found.shown += advice.entries.length;
      }
      expect(found.shown).toBeGreaterThan(0);
    },
  );

  it('keeps to the budget', async () => {
    const { placebo } = await both();
    const { text } = await placebo.recall({ task, budgetTokens: 120 });
    expect(referenceBlock.countTokens(text)).toBeLessThanOrEqual(120);
  });
});

describe('replayPolicy', () => {
  it('repeats the nearest demonstration action by action, then the next nearest', async () => {
    const { entries } = await bank();
    const cooling = aDemonstration({
      id: 'cooling',
      body: { goal: 'cool a plate', steps: [{ action: 'cool plate 1' }], result: '' },
    });
    await entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [cooling, { ...aDemonstration({ id: 'retired' }), status: 'retired' }],
    });
    const policy = replayPolicy({ entries }, { namespace: 'default' });
    const actions: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      const steps = actions.map((action, index) => ({
        index,
        actionId: `a${index}`,
        action,
        callIds: [],
        reward: 0,
        calls: [],
      }));
      actions.push((await policy.act(turn({ steps, admissible: ['look'] }), { seed: 1 })).action);
    }
    expect(actions).toEqual([
      'take mug 1 from table 1',
      'heat mug 1 with microwave 1',
      'put mug 1 in cabinet 1',
      'cool plate 1',
      'look',
    ]);
  });

  it('does something the environment understands when the bank is empty', async () => {
    const policy = replayPolicy({ entries: memoryEntryStore() }, { namespace: 'default' });
    expect(await policy.act(turn({ admissible: ['wait'] }), { seed: 1 })).toEqual({ action: 'wait', calls: [] });
  });
});
