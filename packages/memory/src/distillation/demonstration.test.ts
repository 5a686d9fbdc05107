import { bankEntrySchema, type Outcome } from '@skillrl/core';
import { anEpisode, aTask, verifiedFailure, verifiedSuccess } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { houseEpisodes } from '../../test-support/house-episodes.ts';
import { aContext, kitchenView, told, type Line } from '../../test-support/kitchen.ts';
import { demonstrationFrom } from './demonstration.ts';

const heating = aTask({ instruction: 'heat some mug and put it in cabinet.', type: 'heat', family: 'house-1' });

const play = (lines: readonly Line[], task = heating, outcome: Outcome = verifiedSuccess) =>
  anEpisode({ task, initialObservation: kitchenView, steps: told(lines), outcome });

const actionsOf = (lines: readonly Line[], task = heating): string[] | undefined =>
  demonstrationFrom(play(lines, task), aContext())?.body.steps.map(({ action }) => action);

const direct: readonly Line[] = [
  ['go to countertop 1', 'On the countertop 1, you see a mug 1, and a plate 1.'],
  ['take mug 1 from countertop 1', 'You pick up the mug 1.'],
  ['go to microwave 1', 'The microwave 1 is closed.'],
  ['heat mug 1 with microwave 1', 'You heat the mug 1.'],
  ['go to cabinet 1', 'On the cabinet 1, you see nothing.'],
  ['move mug 1 to cabinet 1', 'You move the mug 1.'],
];

describe('demonstrationFrom', () => {
  it('keeps a straight success as it was', () => {
    expect(actionsOf(direct)).toEqual(direct.map(([action]) => action));
  });

  it('cuts searches in vain, looks around and commands that did nothing', () => {
    const detour: readonly Line[] = [
      ['go to drawer 1', 'The drawer 1 is closed.'],
      ['open drawer 1', 'In the drawer 1, you see a fork 1.'],
      ['!look'],
      ['go to cabinet 2', 'On the cabinet 2, you see nothing.'],
      ['!go to cabinet 2'],
      direct[0]!,
      ['!examine plate 1'],
      ...direct.slice(1),
    ];
    expect(actionsOf(detour)).toEqual(direct.map(([action]) => action));
  });

  it('cuts a visit to the goal place that was made before anything could be put there', () => {
    expect(actionsOf([['go to cabinet 1', 'On the cabinet 1, you see nothing.'], ...direct])).toEqual(
      direct.map(([action]) => action),
    );
  });

  it('keeps opening the goal place even when that came early', () => {
    const early: readonly Line[] = [
      ['go to cabinet 1', 'The cabinet 1 is closed.'],
      ['open cabinet 1', 'In the cabinet 1, you see nothing.'],
    ];
    expect(actionsOf([...early, ...direct])).toEqual([...early, ...direct].map(([action]) => action));
  });

  it('cuts a loop that led back to an earlier state', () => {
    const steps = told(direct);
    const loop = [
      { ...steps[1]!, action: 'move mug 1 to countertop 1', stateKey: steps[0]!.stateKey },
      { ...steps[1]!, stateKey: steps[1]!.stateKey },
    ];
    const episode = anEpisode({
      task: heating,
      initialObservation: kitchenView,
      steps: [steps[0]!, steps[1]!, ...loop, ...steps.slice(2)],
    });
    expect(demonstrationFrom(episode, aContext())?.body.steps.map(({ action }) => action)).toEqual(
      direct.map(([action]) => action),
    );
  });

  it('keeps everything but plain repetitions where an environment tells of no effects, states or things', () => {
    const steps = [
      { action: 'search[tallest mountain]', observation: 'Everest' },
      { action: 'search[tallest mountain]', observation: 'Everest' },
      { action: 'finish[Everest]', observation: 'ok' },
    ];
    const task = aTask({
      environment: 'qa',
      instruction: 'Which mountain is tallest?',
      family: undefined,
      type: undefined,
    });
    const demonstration = demonstrationFrom(anEpisode({ task, steps }), aContext());
    expect(demonstration?.body.steps.map(({ action }) => action)).toEqual([
      'search[tallest mountain]',
      'finish[Everest]',
    ]);
    expect(demonstration?.machine).toBeUndefined();
    expect(demonstration?.conditions).toEqual({ environments: ['qa'] });
  });

  it('makes an example of an answer without steps before it, its numbers generalised in the goal', () => {
    const task = aTask({
      environment: 'user',
      instruction: 'Name a prime above 90.',
      family: undefined,
      type: undefined,
    });
    const demonstration = demonstrationFrom(anEpisode({ task, steps: [{ action: '97' }] }), aContext());
    expect(demonstration?.body).toMatchObject({ goal: 'Name a prime above N', steps: [{ action: '97' }] });
  });

  it('tells where the things it uses were found, and is bound to the family by that', () => {
    const demonstration = demonstrationFrom(play(direct), aContext());
    expect(demonstration?.machine?.facts).toEqual([{ subject: 'mug 1', relation: 'in', object: 'countertop 1' }]);
    expect(demonstration?.conditions?.families).toEqual(['house-1']);
  });

  it('tells what a made-up word turned out to mean', () => {
    const task = aTask({ instruction: 'dax some mug and put it in cabinet.', family: 'house-1' });
    expect(demonstrationFrom(play(direct, task), aContext())?.machine?.procedures).toEqual([
      { name: 'dax', means: 'heat with microwave' },
    ]);
  });

  it('takes no position on a made-up word when two treatments could have done it', () => {
    const task = aTask({ instruction: 'dax some mug and put it in cabinet.', family: 'house-1' });
    const both: readonly Line[] = [
      ...direct.slice(0, 4),
      ['go to sinkbasin 1'],
      ['clean mug 1 with sinkbasin 1'],
      ...direct.slice(4),
    ];
    expect(demonstrationFrom(play(both, task), aContext())?.machine?.procedures).toBeUndefined();
  });

  it('takes no ordinary word for a made-up one', () => {
    for (const instruction of [
      'put a hot mug in cabinet.',
      'heat some mug and put it in cabinet.',
      'put some mug on cabinet.',
    ]) {
      const task = aTask({ instruction, family: 'house-1' });
      const context = aContext({ ordinaryWords: new Set(['put']) });
      expect(demonstrationFrom(play(direct, task), context)?.machine?.procedures).toBeUndefined();
    }
  });

  it('tells which appliance refused and which one worked', () => {
    const refused: readonly Line[] = [
      ...direct.slice(0, 3),
      ['!heat mug 1 with microwave 1'],
      ['go to microwave 2'],
      ['heat mug 1 with microwave 2'],
      ...direct.slice(4),
    ];
    expect(demonstrationFrom(play(refused), aContext())?.machine?.instead).toEqual([
      { avoid: 'heat mug 1 with microwave 1', do: 'heat mug 1 with microwave 2' },
    ]);
  });

  it('makes nothing of a failure, an unknown outcome, or an episode without actions', () => {
    expect(demonstrationFrom(play(direct, heating, verifiedFailure), aContext())).toBeUndefined();
    expect(demonstrationFrom(anEpisode({ outcome: null }), aContext())).toBeUndefined();
    expect(demonstrationFrom(anEpisode({ steps: [] }), aContext())).toBeUndefined();
  });

  it('quarantines a success that nobody verified, and one that rests on the word of a tool', () => {
    const unverified = { ...verifiedSuccess, source: 'model', verified: false } as const;
    expect(demonstrationFrom(play(direct, heating, unverified), aContext())?.status).toBe('quarantined');
    const steps = told(direct).map((step) => ({ ...step, trust: 'tool' as const }));
    expect(demonstrationFrom(anEpisode({ steps }), aContext())?.status).toBe('quarantined');
    expect(demonstrationFrom(play(direct), aContext())?.status).toBe('trial');
  });

  it('gives equal entries for equal episodes, fit for the store', () => {
    const [one, other] = [play(direct), play(direct)].map((episode) => demonstrationFrom(episode, aContext()));
    expect(one?.id).toBe(other?.id);
    expect(bankEntrySchema.safeParse(one).success).toBe(true);
  });

  it('shortens every recorded success in a house without losing its last act', () => {
    const successes = houseEpisodes().filter(({ outcome }) => outcome?.status === 'success');
    expect(successes.length).toBeGreaterThan(5);
    for (const episode of successes) {
      const demonstration = demonstrationFrom(episode, aContext());
      expect(bankEntrySchema.safeParse(demonstration).success).toBe(true);
      expect(demonstration!.body.steps.length).toBeLessThanOrEqual(episode.steps.length);
      expect(demonstration!.body.steps.at(-1)?.action).toBe(episode.steps.at(-1)?.action);
    }
  });
});
