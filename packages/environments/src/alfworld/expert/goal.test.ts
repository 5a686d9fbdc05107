import { describe, expect, it } from 'vitest';
import { classOf, numberOf, parseGoal } from './goal.ts';

describe('parseGoal', () => {
  it('reads both wordings of every official task type', () => {
    const heated = { kind: 'place', object: 'mug', destination: 'cabinet', count: 1, treatment: 'heat' };
    expect(parseGoal('heat some mug and put it in cabinet.')).toEqual(heated);
    expect(parseGoal('put a hot mug in cabinet.')).toEqual(heated);
    expect(parseGoal('put a cool bread in countertop.')?.treatment).toBe('cool');
    expect(parseGoal('clean some pan and put it in countertop.')?.treatment).toBe('clean');
    const simple = { kind: 'place', object: 'book', destination: 'desk', count: 1 };
    expect(parseGoal('put a book in desk.')).toEqual(simple);
    expect(parseGoal('put some book on desk.')).toEqual(simple);
    expect(parseGoal('find two cd and put them in safe.')).toEqual({
      kind: 'place',
      object: 'cd',
      destination: 'safe',
      count: 2,
    });
    expect(parseGoal('put two cd in safe.')?.count).toBe(2);
    const look = { kind: 'look', object: 'bowl', destination: 'desklamp', count: 1 };
    expect(parseGoal('look at bowl under the desklamp.')).toEqual(look);
    expect(parseGoal('examine the bowl with the desklamp.')).toEqual(look);
  });

  it('keeps a verb that it does not know', () => {
    const goal = parseGoal('dax some mug and put it in shelf.');
    expect(goal).toEqual({ kind: 'place', object: 'mug', destination: 'shelf', count: 1, verb: 'dax' });
  });

  it('has no goal for other sentences', () => {
    expect(parseGoal('water the plant.')).toBeUndefined();
    expect(parseGoal('')).toBeUndefined();
  });
});

it('splits names into class and number', () => {
  expect([classOf('mug 12'), numberOf('mug 12')]).toEqual(['mug', 12]);
  expect([classOf('cabinet'), numberOf('cabinet')]).toEqual(['cabinet', 0]);
});
