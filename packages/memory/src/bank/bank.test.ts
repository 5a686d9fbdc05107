import type { MachineForm } from '@skillrl/core';
import { aDemonstration, aLesson, aPrinciple, aTask } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { focusEntry, isOffTopic } from './focus-entry.ts';
import { armSelections, selectEntry } from './select-entry.ts';

const mug = aTask({ instruction: 'dax some mugs and put them in cabinet.' });

describe('focusEntry', () => {
  const rules: MachineForm = {
    facts: [
      { subject: 'mug 1', relation: 'in', object: 'cabinet 3' },
      { subject: 'plate 1', relation: 'in', object: 'shelf 1' },
    ],
    order: [
      { find: 'mug', places: ['cabinet'] },
      { find: 'plate', places: ['shelf'] },
    ],
    procedures: [
      { name: 'dax', means: 'heat with microwave' },
      { name: 'wug', means: 'cool with fridge' },
    ],
    instead: [
      { avoid: 'heat plate 1 with microwave 1', do: 'heat plate 1 with microwave 2' },
      { avoid: 'cool plate 1 with fridge 1', do: 'cool plate 1 with fridge 2' },
    ],
  };

  it('keeps of a principle what the task names, and the warnings that its words lead to', () => {
    expect(focusEntry(aPrinciple({ machine: rules }), mug)?.machine).toEqual({
      facts: rules.facts!.slice(0, 1),
      order: rules.order!.slice(0, 1),
      procedures: rules.procedures!.slice(0, 1),
      instead: rules.instead!.slice(0, 1),
    });
  });

  it('leaves nothing of a principle that is about other things', () => {
    expect(focusEntry(aPrinciple({ machine: rules }), aTask({ instruction: 'sing' }))).toBeUndefined();
  });

  it('leaves a principle in prose as it is', () => {
    const prose = aPrinciple();
    expect(focusEntry(prose, mug)).toEqual(prose);
  });

  it('leaves nothing of a lesson whose machine form is about other things, and all of one in prose', () => {
    expect(focusEntry(aLesson({ machine: { facts: rules.facts!.slice(1) } }), mug)).toBeUndefined();
    const prose = aLesson();
    expect(focusEntry(prose, mug)).toEqual(prose);
  });

  it('knows a lesson that tells of something else and only saw what the task needs', () => {
    const saw = (appliesWhen: string) =>
      isOffTopic(
        focusEntry(
          aLesson({ title: 'x', machine: { facts: rules.facts }, body: { ...aLesson().body, appliesWhen } }),
          mug,
        )!,
      );
    expect(saw('When a fork must be found.')).toBe(true);
    expect(saw('When a mug must be found.')).toBe(false);
  });

  it('keeps where-to-go warnings only for those who look for the same', () => {
    const instead = [{ avoid: 'go to drawer 1', do: 'go to cabinet 3' }];
    const about = (find: string) =>
      focusEntry(aLesson({ machine: { instead, order: [{ find, places: ['cabinet'] }] } }), mug)?.machine?.instead;
    expect(about('mug')).toEqual(instead);
    expect(about('plate')).toBeUndefined();
  });

  it('keeps a warning about a word for tasks that use it', () => {
    const instead = [{ avoid: 'clean cup 1 with sinkbasin 1', do: 'heat cup 1 with microwave 1' }];
    const about = (word: string) => {
      const body = { ...aLesson().body, appliesWhen: `In house-1, when the goal says "${word}".` };
      return focusEntry(aLesson({ machine: { instead }, body }), mug)?.machine?.instead;
    };
    expect(about('dax')).toEqual(instead);
    expect(about('wug')).toBeUndefined();
  });

  it('shows a few places of a class, the first named first', () => {
    const facts = Array.from({ length: 9 }, (_, at) => ({
      subject: `mug ${at}`,
      relation: 'in',
      object: `shelf ${at}`,
    }));
    expect(focusEntry(aPrinciple({ machine: { facts } }), mug)?.machine?.facts).toEqual(facts.slice(0, 3));
  });

  it('takes no part of a word for the word', () => {
    const facts = [{ subject: 'cup 1', relation: 'in', object: 'shelf 1' }];
    const task = aTask({ instruction: 'open the cupboard' });
    expect(focusEntry(aPrinciple({ machine: { facts } }), task)).toBeUndefined();
  });

  it('keeps the steps of a demonstration, and of its facts those that the task is about', () => {
    const demonstration = aDemonstration({ machine: { facts: rules.facts } });
    const focused = focusEntry(demonstration, mug);
    expect(focused?.kind === 'demonstration' && focused.body).toEqual(demonstration.body);
    expect(focused?.machine?.facts).toEqual(rules.facts!.slice(0, 1));
    expect(focusEntry(demonstration, aTask({ instruction: 'sing' }))?.machine).toBeUndefined();
  });
});

describe('selectEntry', () => {
  const facts = [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }];
  const both = aPrinciple({ id: 'both', machine: { facts, order: [{ find: 'mug', places: ['cabinet'] }] } });
  const orders = aPrinciple({ id: 'orders', machine: { order: [{ find: 'mug', places: ['cabinet'] }] } });
  const lesson = aLesson({ id: 'lesson', machine: { facts } });

  it('shows the chosen kinds, stripped to the chosen forms', () => {
    const shown = [both, orders, lesson].map((entry) => selectEntry(entry, armSelections['facts-only']));
    expect(shown).toEqual([{ ...both, machine: { facts } }, undefined, undefined]);
  });

  it('shows everything when nothing is asked for', () => {
    expect(selectEntry(lesson, armSelections.skills)).toEqual(lesson);
  });
});
