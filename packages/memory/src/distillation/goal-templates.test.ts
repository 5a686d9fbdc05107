import { describe, expect, it } from 'vitest';

import { learnGoalTemplates } from './goal-templates.ts';

const things = ['mug', 'cup', 'pan', 'plate', 'bowl', 'kettle', 'ladle'];
const places = ['shelf', 'desk', 'bed', 'sofa', 'cart', 'fridge', 'drawer'];
const goals = things.flatMap((thing, index) => [
  `put a ${thing} in ${places[index]}.`,
  `put a hot ${thing} in ${places[(index + 3) % places.length]}.`,
  `look at ${thing} under the desklamp.`,
]);

describe('learnGoalTemplates', () => {
  it('tells the words that make a kind of goal from the names in it', () => {
    const templateOf = learnGoalTemplates(goals);
    expect(new Set(goals.map(templateOf))).toEqual(
      new Set(['put a _ in _', 'put a hot _ in _', 'look at _ under the desklamp']),
    );
  });

  it('takes a word that no goal had for a name', () => {
    expect(learnGoalTemplates(goals)('Put a hot Waffle in Toaster!')).toBe('put a hot _ in _');
  });

  it('keeps every word where too few goals tell what is a name', () => {
    expect(learnGoalTemplates([])('put a mug in desk')).toBe('put a mug in desk');
    expect(learnGoalTemplates(goals.slice(0, 6))('put a mug in desk')).toBe('put a mug in desk');
  });

  it('reads goals of any language', () => {
    const ablauf = things.map((thing) => `stelle ${thing} in den Kühlschrank`);
    expect(learnGoalTemplates(ablauf)('Stelle Öl in den Kühlschrank.')).toBe('stelle _ in den kühlschrank');
  });
});
