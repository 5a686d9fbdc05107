import { readFileSync } from 'node:fs';

import { describeWith, requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import labels from './fixtures/skillrl-record-types.json' with { type: 'json' };
import { openGames } from './load/index.ts';
import { alfworldTaskType } from './task-type.ts';

describe('alfworldTaskType', () => {
  it.each([
    ['put a mug in desk.', 'pick_and_place_simple'],
    ['put some egg on countertop.', 'pick_and_place_simple'],
    ['put a egg in microwave.', 'pick_and_place_simple'],
    ['look at bowl under the desklamp.', 'look_at_obj_in_light'],
    ['examine the book with the desklamp.', 'look_at_obj_in_light'],
    ['put a clean cloth in countertop.', 'pick_clean_then_place_in_recep'],
    ['clean some pan and put it in fridge.', 'pick_clean_then_place_in_recep'],
    ['put a hot mug in cabinet.', 'pick_heat_then_place_in_recep'],
    ['Heat some apple and put it in garbagecan', 'pick_heat_then_place_in_recep'],
    ['cool some bowl and put it in cabinet.', 'pick_cool_then_place_in_recep'],
    ['put a  cool egg in sidetable.', 'pick_cool_then_place_in_recep'],
    ['put two cd in garbagecan.', 'pick_two_obj_and_place'],
    ['find two soapbottle and put them in cart.', 'pick_two_obj_and_place'],
  ])('%s → %s', (goal, type) => {
    expect(alfworldTaskType(goal)).toBe(type);
  });

  it.each(['', 'dax some mug and put it in cabinet.', 'bring me my coffee', 'buy a hot plate in red'])(
    'does not know %j',
    (goal) => {
      expect(alfworldTaskType(goal)).toBeUndefined();
    },
  );
});

const recordFile = 'skillrl/alfworld__generated_memories_alfworld_total.json';

interface Recorded {
  readonly memory_id: string;
  readonly content: { readonly task_meta: { readonly original_goal: string } };
}

describeWith(requirement('data', { part: recordFile }), 'alfworldTaskType on SkillRL’s records', (path) => {
  it('gives the true type of all 223', () => {
    const records = JSON.parse(readFileSync(path, 'utf8')) as Recorded[];
    const truth = new Map(
      Object.entries(labels.types).flatMap(([type, ids]) =>
        ids.map((id): [string, string] => [`mem_alfworld_${id}`, type]),
      ),
    );
    expect(records.map(({ memory_id }) => memory_id).toSorted()).toEqual([...truth.keys()].toSorted());
    const wrong = records.filter(
      ({ memory_id, content }) => alfworldTaskType(content.task_meta.original_goal) !== truth.get(memory_id),
    );
    expect(wrong.map(({ memory_id }) => memory_id)).toEqual([]);
  });
});

describeWith(requirement('data', { part: 'alfworld' }), 'alfworldTaskType on the official games', (folder) => {
  it('gives the type of every game of the evaluation splits', async () => {
    const games = await openGames({ folder });
    const wrong: string[] = [];
    for (const split of ['valid_seen', 'valid_unseen']) {
      for await (const { goal, type } of games.records(split)) if (alfworldTaskType(goal) !== type) wrong.push(goal);
    }
    expect(wrong).toEqual([]);
  });
});
