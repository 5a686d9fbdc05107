import type { Episode, Outcome } from '@skillrl/core';
import { anEpisode, aTask, verifiedFailure, verifiedSuccess } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { aContext, kitchenView, told, type Line } from '../../../test-support/kitchen.ts';
import { houseFacts } from './house-facts.ts';
import { houseRules } from './house-rules.ts';
import { searchOrders } from './search-orders.ts';
import { wordMeanings } from './word-meanings.ts';

const inHouse = (
  family: string,
  lines: readonly Line[],
  instruction = 'put a mug in cabinet.',
  outcome: Outcome = verifiedSuccess,
): Episode =>
  anEpisode({ task: aTask({ family, instruction }), initialObservation: kitchenView, steps: told(lines), outcome });

const look = (place: string, list: string): Line => [`go to ${place}`, `On the ${place}, you see ${list}.`];

describe('houseFacts', () => {
  it('counts one entry for a house, the likeliest place of each class first', () => {
    const entry = houseFacts(
      [
        inHouse('h1', [look('cabinet 1', 'a mug 1'), look('drawer 1', 'a fork 1')]),
        inHouse('h1', [look('cabinet 1', 'nothing'), look('countertop 1', 'a mug 2')]),
        inHouse('h1', [look('countertop 1', 'a mug 1')], 'put a mug in cabinet.', verifiedFailure),
      ],
      aContext(),
    );
    // countertop: 2 found / (2 looked + 2) = .5; cabinet: 1 / (2 + 2) = .25
    expect(entry?.machine?.facts?.map(({ subject, object }) => `${subject} ${object}`)).toEqual([
      'fork 1 drawer 1',
      'mug 1 countertop 1',
      'mug 1 cabinet 1',
    ]);
    expect(entry?.evidence).toHaveLength(3);
    expect(entry?.conditions?.families).toEqual(['h1']);
  });

  it('does not tell where the agent itself had put a thing', () => {
    const entry = houseFacts(
      [
        inHouse('h1', [
          look('countertop 1', 'a mug 1'),
          ['take mug 1 from countertop 1'],
          ['move mug 1 to shelf 1'],
          look('shelf 1', 'a mug 1'),
        ]),
      ],
      aContext(),
    );
    expect(entry?.machine?.facts).toEqual([{ subject: 'mug 1', relation: 'in', object: 'countertop 1' }]);
  });

  it('has nothing to say of tasks without a family, or of episodes without facts', () => {
    expect(houseFacts([anEpisode({ task: aTask({ family: undefined }) })], aContext())).toBeUndefined();
    expect(houseFacts([inHouse('h1', [['wait']])], aContext())).toBeUndefined();
    expect(houseFacts([], aContext())).toBeUndefined();
  });
});

describe('searchOrders', () => {
  it('orders kinds of places by found / (looked into + 2) over all houses', () => {
    const entry = searchOrders(
      [
        inHouse('h1', [look('drawer 1', 'nothing'), look('drawer 2', 'a mug 1')]),
        inHouse('h2', [look('countertop 1', 'a mug 1')]),
        inHouse('h3', [look('countertop 2', 'a mug 1, and a plate 1'), look('drawer 1', 'nothing')]),
      ],
      aContext(),
    );
    // countertop: 2 / (2 + 2); drawer: 1 / (3 + 2). The plate was seen once only.
    expect(entry?.machine?.order).toEqual([{ find: 'mug', places: ['countertop', 'drawer'] }]);
    expect(entry?.scope).toBe('general');
    expect(entry?.conditions).toEqual({ environments: ['house'] });
  });

  it('does not count a place that was closed and never opened as looked into', () => {
    const closed: Line = ['go to drawer 1', 'The drawer 1 is closed.'];
    const entry = searchOrders(
      [
        inHouse('h1', [look('drawer 2', 'a mug 1')]),
        inHouse('h2', [closed, look('drawer 2', 'a mug 1')]),
        inHouse('h3', [closed, look('shelf 1', 'a mug 1')]),
      ],
      aContext(),
    );
    // drawer: 2 / (2 + 2) before shelf: 1 / (1 + 2); with the closed ones it would be 2 / (4 + 2), behind it.
    expect(entry?.machine?.order).toEqual([{ find: 'mug', places: ['drawer', 'shelf'] }]);
  });
});

describe('houseRules', () => {
  const fetch: readonly Line[] = [look('countertop 1', 'a mug 1'), ['take mug 1 from countertop 1']];
  const treat = (act: string): readonly Line[] => [[`go to ${act.split(' with ')[1]}`], [act]];
  const heat = treat('heat mug 1 with microwave 1');
  const cool = treat('cool mug 1 with fridge 1');
  const clean = treat('clean mug 1 with sinkbasin 1');
  const deliver: readonly Line[] = [['go to cabinet 1'], ['move mug 1 to cabinet 1']];
  const again: readonly Line[] = [['take mug 1 from cabinet 1']];
  const said = (word: string): string => `${word} some mug and put it in cabinet.`;
  const rules = (episodes: readonly Episode[]) => houseRules(episodes, aContext())?.machine?.procedures;

  it('learns a word from the one treatment of a success', () => {
    expect(rules([inHouse('h1', [...fetch, ...heat, ...deliver], said('dax'))])).toEqual([
      { name: 'dax', means: 'heat with microwave' },
    ]);
  });

  it('rules out what a delivery in the same episode did not satisfy', () => {
    expect(
      rules([inHouse('h1', [...fetch, ...clean, ...deliver, ...again, ...heat, ...deliver], said('dax'))]),
    ).toEqual([{ name: 'dax', means: 'heat with microwave' }]);
  });

  it('leaves a word open that two treatments could explain, until another episode decides', () => {
    const open = inHouse('h1', [...fetch, ...clean, ...cool, ...deliver], said('dax'));
    expect(rules([open])).toBeUndefined();
    const failed = inHouse('h1', [...fetch, ...clean, ...deliver], said('dax'), verifiedFailure);
    expect(rules([open, failed])).toEqual([{ name: 'dax', means: 'cool with fridge' }]);
    const other = inHouse('h1', [...fetch, ...clean, ...deliver], said('wug'));
    expect(rules([open, other])).toEqual([
      { name: 'dax', means: 'cool with fridge' },
      { name: 'wug', means: 'clean with sinkbasin' },
    ]);
  });

  it('takes no word for special that a success needed no treatment for', () => {
    const plain = inHouse('h1', [...fetch, ...deliver], 'stow some mug and leave it in cabinet.');
    const needless = inHouse('h1', [...fetch, ...heat, ...deliver], 'stow some mug and leave it in cabinet.');
    expect(rules([plain, needless])).toBeUndefined();
  });

  it('believes no success that nobody verified', () => {
    const unverified = { ...verifiedSuccess, verified: false };
    expect(rules([inHouse('h1', [...fetch, ...heat, ...deliver], said('dax'), unverified)])).toBeUndefined();
  });

  it('remembers one warning for an appliance that refuses, whatever it was given', () => {
    const refused: Line = ['!heat mug 1 with microwave 1'];
    const plate = ([action, observation]: Line): Line => [
      action.replaceAll('mug', 'plate'),
      observation?.replaceAll('mug', 'plate'),
    ];
    const lines = [
      ...fetch,
      ['go to microwave 1'] as const,
      refused,
      ...treat('heat mug 1 with microwave 2'),
      ...deliver,
    ];
    const entry = houseRules([inHouse('h1', lines), inHouse('h1', lines.map(plate))], aContext());
    expect(entry?.machine?.instead).toEqual([
      { avoid: 'heat plate 1 with microwave 1', do: 'heat plate 1 with microwave 2' },
    ]);
  });
});

describe('wordMeanings', () => {
  const evidence = (word: string, noneOf: readonly string[], oneOf?: readonly string[]) => ({
    word,
    object: 'mug',
    isPlain: false,
    noneOf,
    oneOf,
  });

  it('knows a word without any success once all but one treatment are ruled out', () => {
    expect(wordMeanings([evidence('dax', ['heat']), evidence('dax', ['cool']), evidence('wug', ['clean'])])).toEqual([
      { name: 'dax', means: 'clean' },
    ]);
  });

  it('says nothing after a single failure, though only one other treatment is known', () => {
    expect(wordMeanings([evidence('dax', ['heat']), evidence('wug', [], ['cool'])])).toEqual([
      { name: 'wug', means: 'cool' },
    ]);
  });

  it('says nothing when what is told contradicts itself', () => {
    expect(wordMeanings([evidence('dax', [], ['heat']), evidence('dax', [], ['cool'])])).toEqual([]);
  });
});
