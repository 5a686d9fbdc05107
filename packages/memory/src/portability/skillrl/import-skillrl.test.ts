import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BankEntry } from '@skillrl/core';
import { describeWith, memoryEntryStore, requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { exportBank } from '../export-bank.ts';
import { importBank } from '../import-bank.ts';
import { importSkillRl, type SkillRlImportOptions } from './import-skillrl.ts';

const namespace = 'default';

async function imported(document: unknown, options: SkillRlImportOptions = {}) {
  const entries = memoryEntryStore();
  const report = await importSkillRl(document, { entries, namespace, ...options });
  const list = await Array.fromAsync((await entries.view(namespace)).list());
  return { entries, report, list };
}

const record = (changes: object = {}, content: object = {}) => ({
  memory_id: 'mem_house_1',
  contextual_description: 'Task to heat a mug. Solved by the microwave.',
  tags: { environment: 'House', outcome: 'Success' },
  content: {
    task_meta: { original_goal: 'heat some mug.' },
    refined_trajectory: [
      { step_index: 0, action: 'take mug', critical_observation: 'You hold it.', reasoning: 'to heat it' },
    ],
    strategic_guidelines: { planning_pattern: 'Take -> Heat', mistakes_to_avoid: [] },
    ...content,
  },
  origin_env_id: 'env001',
  ...changes,
});
const mistakes = [{ trigger_condition: 'The mug is cold.', bad_action: 'Put it away.' }];
const failure = { tags: { environment: 'House', outcome: 'Failure' } };

describe('importSkillRl', () => {
  it('makes a demonstration of a success, in every shape that its steps and guidelines come in', async () => {
    const { refined_trajectory, strategic_guidelines } = record().content;
    const shapes = [
      {},
      { refined_trajectory: { refined_trajectory } },
      {
        refined_trajectory: { refined_trajectory: { refined_trajectory } },
        strategic_guidelines: { strategic_guidelines },
      },
    ];
    for (const shape of shapes) {
      const { list, report } = await imported([record({}, shape)]);
      expect(report).toMatchObject({ format: 'skillrl-memories', records: 1, added: 1, rejected: 0 });
      expect(list).toMatchObject([
        {
          kind: 'demonstration',
          status: 'quarantined',
          title: 'heat some mug',
          cluster: 'house: heat some mug',
          conditions: { environments: ['house'] },
          evidence: [{ episodeId: 'skillrl:mem_house_1', trusted: false }],
          body: {
            goal: 'heat some mug',
            steps: [{ action: 'take mug', observation: 'You hold it.', why: 'to heat it' }],
            result: 'Task to heat a mug. Solved by the microwave.\nPlan: Take -> Heat',
          },
        },
      ]);
    }
  });

  it('makes a lesson of each mistake, and leaves empty what the record does not say', async () => {
    const two = [...mistakes, { trigger_condition: 'Lost.', bad_action: 'Walk on.' }];
    const guidelines = { strategic_guidelines: { planning_pattern: null, mistakes_to_avoid: two } };
    const { list } = await imported([record(failure, { refined_trajectory: null, strategic_guidelines: guidelines })]);
    expect(list.map(({ kind }) => kind)).toEqual(['lesson', 'lesson']);
    expect(list.find(({ body }) => 'appliesWhen' in body && body.appliesWhen === 'The mug is cold.')?.body).toEqual({
      pointOfFailure: 'Task to heat a mug. Solved by the microwave.',
      flawedDecision: 'Put it away.',
      correction: '',
      principle: '',
      appliesWhen: 'The mug is cold.',
    });
  });

  it('makes a principle of a success without steps, whose plan is all there is', async () => {
    const { list } = await imported([record({}, { refined_trajectory: [] })]);
    expect(list).toMatchObject([
      { kind: 'principle', body: { principle: 'Take -> Heat', appliesWhen: 'heat some mug' } },
    ]);
  });

  it('rejects what it can make nothing of, with the record and the reason', async () => {
    const { report } = await imported([
      record(),
      record({ memory_id: undefined }),
      record({ tags: { environment: 'House', outcome: 'Maybe' } }),
      record({}, { task_meta: {} }),
      record({}, { refined_trajectory: [{ step_index: 1 }] }),
      record({}, { refined_trajectory: [], strategic_guidelines: null }),
      record(failure, { refined_trajectory: null }),
      'a text',
      record(),
    ]);
    expect(report).toMatchObject({ records: 9, added: 1, rejected: 8 });
    expect(report.notes.map(({ line, reason }) => [line, reason])).toEqual([
      [2, expect.stringContaining('memory_id')],
      [3, expect.stringContaining('tags.outcome')],
      [4, expect.stringContaining('original_goal')],
      [5, expect.stringContaining('action')],
      [6, expect.stringContaining('without steps')],
      [7, expect.stringContaining('without a mistake')],
      [8, expect.any(String)],
      [9, expect.stringContaining('earlier line')],
    ]);
  });

  it('reads banks of both keys and bare lists, and keeps the metadata in the report', async () => {
    const skill = { skill_id: 'gen_001', title: 'Look twice', principle: 'Look.', when_to_apply: 'Always.' };
    const mistake = {
      mistake_id: 'err_001',
      description: 'Loops.',
      why_it_happens: 'No map.',
      how_to_avoid: 'Draw one.',
    };
    const metadata = { source: 'a test', total_memories_analyzed: 2 };
    for (const key of ['task_specific_skills', 'query_type_skills']) {
      const document = { general_skills: [skill], [key]: { heat: [skill] }, common_mistakes: [mistake], metadata };
      const { list, report } = await imported(document, { environment: 'house' });
      expect(report).toMatchObject({ format: 'skillrl-skills', records: 3, added: 3, metadata });
      expect(report.made).toEqual({ demonstration: 0, lesson: 1, principle: 2 });
      expect(list.map(({ scope, cluster }) => `${scope} ${cluster}`).toSorted()).toEqual([
        'general house: general',
        'general house: general',
        'task house: heat',
      ]);
      expect(list.find(({ kind }) => kind === 'lesson')?.body).toEqual({
        pointOfFailure: 'Loops.',
        flawedDecision: 'No map.',
        correction: 'Draw one.',
        principle: '',
        appliesWhen: '',
      });
    }
    expect((await imported([skill, mistake])).report.made).toEqual({ demonstration: 0, lesson: 1, principle: 1 });
  });

  it('clusters by what the environment knows of a goal, else by what the goals have in common', async () => {
    const goals = ['mug', 'cup', 'pan', 'pot', 'egg', 'potato', 'plate'].map((thing, index) =>
      record({ memory_id: `m${index}` }, { task_meta: { original_goal: `heat some ${thing} well.` } }),
    );
    const clusters = (list: readonly BankEntry[]) => [...new Set(list.map(({ cluster }) => cluster))];
    expect(clusters((await imported(goals)).list)).toEqual(['house: heat some _ well']);
    expect(clusters((await imported(goals, { typeOf: () => 'heat' })).list)).toEqual(['house: heat']);
  });

  it.each([[null], [{}], [[]], ['text'], [{ general_skills: 'none' }]])(
    'refuses %j: SkillRL writes no such thing',
    async (document) => {
      await expect(imported(document)).rejects.toMatchObject({ code: 'SKILLRL_FORMAT' });
    },
  );

  it('refuses a document of another format than the one asked for', async () => {
    await expect(imported([record()], { format: 'skillrl-skills' })).rejects.toMatchObject({ code: 'SKILLRL_FORMAT' });
  });
});

interface Shipped {
  readonly records: number;
  readonly demonstration: number;
  readonly lesson: number;
  readonly principle: number;
}

// Counted in the files apart from this program.
const shipped: Readonly<Record<string, Shipped>> = {
  'alfworld__claude_style_skills.json': { records: 55, demonstration: 0, lesson: 11, principle: 44 },
  'webshop__claude_style_skills.json': { records: 66, demonstration: 0, lesson: 12, principle: 54 },
  'search__claude_style_skills_search.json': { records: 41, demonstration: 0, lesson: 11, principle: 30 },
  'alfworld__generated_memories_alfworld_total.json': { records: 223, demonstration: 113, lesson: 471, principle: 0 },
  'webshop__generated_memories_webshop_100.json': { records: 100, demonstration: 50, lesson: 121, principle: 0 },
  'search__generated_memories_search.json': { records: 196, demonstration: 119, lesson: 65, principle: 13 },
};

describeWith(requirement('data', { part: 'skillrl' }), 'what SkillRL ships', (folder) => {
  it.each(Object.entries(shipped))('%s: every record is accounted for', async (name, { records, ...made }) => {
    const document: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { entries, report, list } = await imported(document);
    const total = made.demonstration + made.lesson + made.principle;
    expect(report).toMatchObject({ records, made, added: total, replaced: 0, skipped: 0, rejected: 0, notes: [] });
    expect(list.every(({ status }) => status === 'quarantined')).toBe(true);
    expect(list.every(({ evidence }) => evidence.every(({ trusted }) => !trusted))).toBe(true);

    const again = await importSkillRl(document, { entries, namespace });
    expect(again).toMatchObject({ revision: 1, added: 0, skipped: total, rejected: 0 });
    const exported = await Array.fromAsync(exportBank({ entries, namespace }));
    const other = memoryEntryStore();
    expect(await importBank(exported, { entries: other, namespace })).toMatchObject({ added: total, intact: true });
  });

  it('every record of episodes becomes an entry that names it', async () => {
    for (const name of Object.keys(shipped).filter((file) => file.includes('memories'))) {
      const document = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { memory_id: string }[];
      const { list } = await imported(document);
      const named = new Set(list.flatMap(({ evidence }) => evidence.map(({ episodeId }) => episodeId)));
      expect(named).toEqual(new Set(document.map(({ memory_id }) => `skillrl:${memory_id}`)));
    }
  });

  it('a bank’s numbers of memories stay in the report', async () => {
    const read = async (name: string) =>
      (await imported(JSON.parse(readFileSync(join(folder, name), 'utf8')))).report.metadata?.[
        'total_memories_analyzed'
      ];
    expect(await read('alfworld__claude_style_skills.json')).toBe(223);
    expect(await read('webshop__claude_style_skills.json')).toBe(200);
    expect(await read('search__claude_style_skills_search.json')).toBe(196);
  });
});
