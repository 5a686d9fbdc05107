import { bankEntrySchema, type Demonstration, type Task } from '@skillrl/core';
import { anEpisode, aTask, verifiedFailure, verifiedSuccess } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { houseEpisodes } from '../../test-support/house-episodes.ts';
import { aContext, kitchenView, told, type Line } from '../../test-support/kitchen.ts';
import { contrastiveLesson } from './contrastive.ts';
import { demonstrationFrom } from './demonstration.ts';
import { numberedNames } from './names.ts';
import { validateLesson } from './validate-lesson.ts';

const heating = aTask({ instruction: 'heat some mug and put it in cabinet.', type: 'heat', family: 'house-1' });

const failed = (lines: readonly Line[], task: Task = heating) =>
  anEpisode({ task, initialObservation: kitchenView, steps: told(lines), outcome: verifiedFailure });

const success = (lines: readonly Line[], task: Task = heating): Demonstration =>
  demonstrationFrom(
    anEpisode({ task, initialObservation: kitchenView, steps: told(lines), outcome: verifiedSuccess }),
    aContext(),
  )!;

const fetch: readonly Line[] = [
  ['go to countertop 1', 'On the countertop 1, you see a mug 1.'],
  ['take mug 1 from countertop 1', 'You pick up the mug 1.'],
];
const deliver: readonly Line[] = [
  ['go to cabinet 1', 'On the cabinet 1, you see nothing.'],
  ['move mug 1 to cabinet 1', 'You move the mug 1.'],
];
const heat: readonly Line[] = [['go to microwave 2'], ['heat mug 1 with microwave 2', 'You heat the mug 1.']];
const knownObjects = new Set(['mug', 'plate', 'fork']);

describe('contrastiveLesson', () => {
  it('teaches which appliance to use when one refused and a success in the house used another', () => {
    const lesson = contrastiveLesson(
      failed([
        ...fetch,
        ['go to microwave 1'],
        ['!heat mug 1 with microwave 1'],
        ['!heat mug 1 with microwave 1'],
        ...deliver,
      ]),
      aContext({ demonstrations: [success([...fetch, ...heat, ...deliver])] }),
    );
    expect(lesson?.machine?.instead).toEqual([
      { avoid: 'heat mug 1 with microwave 1', do: 'heat mug 1 with microwave 2' },
    ]);
    expect(lesson?.conditions?.families).toEqual(['house-1']);
    expect(lesson?.evidence).toHaveLength(2);
  });

  it('names the appliance of the same kind that was not tried when no success shows one', () => {
    const lesson = contrastiveLesson(
      failed([...fetch, ['go to microwave 1'], ['!heat mug 1 with microwave 1'], ...deliver]),
      aContext(),
    );
    expect(lesson?.machine?.instead).toEqual([
      { avoid: 'heat mug 1 with microwave 1', do: 'heat mug 1 with microwave 2' },
    ]);
    expect(lesson?.body.correction).toContain('was not tried');
  });

  it('takes no command for refused that was given where it could not work', () => {
    const lesson = contrastiveLesson(
      failed([...fetch, ['!heat mug 1 with microwave 1'], ['go to microwave 1'], ...deliver]),
      aContext(),
    );
    expect(lesson?.machine?.instead).toBeUndefined();
  });

  it('tells where to look instead when a place was searched in vain again and again', () => {
    const elsewhere = success([...fetch, ...heat, ...deliver]);
    const lesson = contrastiveLesson(
      failed([
        ['go to cabinet 2', 'On the cabinet 2, you see nothing.'],
        ['go to drawer 1', 'On the drawer 1, you see a fork 1.'],
        ['go to cabinet 1', 'On the cabinet 1, you see nothing.'],
        ['go to drawer 1', 'On the drawer 1, you see a fork 1.'],
      ]),
      aContext({ demonstrations: [elsewhere], knownObjects }),
    );
    expect(lesson?.machine).toMatchObject({
      instead: [{ avoid: 'go to drawer 1', do: 'go to countertop 1' }],
      order: [{ find: 'mug', places: ['countertop'] }],
      facts: [{ subject: 'fork 1', relation: 'in', object: 'drawer 1' }],
    });
  });

  it('names the kinds of places that were left out when nobody knows where the thing is', () => {
    const lesson = contrastiveLesson(
      failed([
        ['go to cabinet 2', 'On the cabinet 2, you see a plate 1.'],
        ['go to drawer 1', 'On the drawer 1, you see nothing.'],
      ]),
      aContext({ knownObjects }),
    );
    expect(lesson?.machine?.order).toEqual([
      { find: 'mug', places: ['countertop', 'fridge', 'microwave', 'sinkbasin'] },
    ]);
    expect(lesson?.machine?.instead).toBeUndefined();
  });

  it('takes no word of another house for where things are', () => {
    const other = success([...fetch, ...heat, ...deliver], { ...heating, family: 'house-2' });
    const lesson = contrastiveLesson(
      failed([['go to cabinet 2', 'On the cabinet 2, you see a plate 1.']]),
      aContext({ demonstrations: [other], knownObjects }),
    );
    expect(lesson?.machine?.instead).toBeUndefined();
  });

  it('says when the thing was in sight and never taken', () => {
    const lesson = contrastiveLesson(
      failed([...fetch.slice(0, 1), ...Array.from({ length: 6 }, (): Line => ['!look'])]),
      aContext(),
    );
    expect(lesson?.body.pointOfFailure).toContain('mug 1 was to be seen in countertop 1');
    expect(lesson?.machine?.facts).toEqual([{ subject: 'mug 1', relation: 'in', object: 'countertop 1' }]);
  });

  it('corrects the reading of a made-up word by a success in the same house', () => {
    const task = aTask({ ...heating, instruction: 'dax some mug and put it in cabinet.', type: 'dax' });
    const plates = aTask({ ...task, instruction: 'dax some plate and put it in cabinet.' });
    const plate = (line: Line): Line => [line[0].replaceAll('mug', 'plate'), line[1]?.replaceAll('mug', 'plate')];
    const lesson = contrastiveLesson(
      failed(
        [...fetch, ['go to sinkbasin 1'], ['clean mug 1 with sinkbasin 1', 'You clean the mug 1.'], ...deliver],
        task,
      ),
      aContext({ demonstrations: [success([...fetch, ...heat, ...deliver].map(plate), plates)] }),
    );
    expect(lesson?.machine).toMatchObject({
      instead: [{ avoid: 'clean mug 1 with sinkbasin 1', do: 'heat mug 1 with microwave 2' }],
      procedures: [{ name: 'dax', means: 'heat with microwave' }],
    });
  });

  it('names the first act of a success that the failure left out, in terms of its own task', () => {
    const plate = (line: Line): Line => [line[0].replaceAll('mug', 'plate'), line[1]?.replaceAll('mug', 'plate')];
    const other = success([...fetch, ...heat, ...deliver].map(plate), {
      ...heating,
      instruction: 'heat some plate and put it in cabinet.',
      family: 'house-2',
    });
    const lesson = contrastiveLesson(failed([...fetch, ...deliver]), aContext({ demonstrations: [other] }));
    expect(lesson?.title).toContain('heat mug with microwave');
    expect(lesson?.conditions).toEqual({ environments: ['house'], types: ['heat'] });
    expect(lesson?.machine).toBeUndefined();
  });

  it('speaks of the place of its own goal, not of the one the success was about', () => {
    const task = aTask({ instruction: 'put a mug in cabinet.', type: 'put', family: 'house-1' });
    const vase = success(
      [
        ['go to drawer 1', 'In the drawer 1, you see a vase 1.'],
        ['take vase 1 from drawer 1'],
        ['go to countertop 1'],
        ['move vase 1 to countertop 1'],
      ],
      { ...task, instruction: 'put a vase in countertop.', family: 'house-2' },
    );
    const lesson = contrastiveLesson(
      failed([...fetch, ['go to cabinet 1', 'On the cabinet 1, you see nothing.']], task),
      aContext({ demonstrations: [vase] }),
    );
    expect(lesson?.title).toBe('"put a mug in cabinet": do not leave out putting a mug in or on a cabinet');
  });

  it('says that a second thing is wanted, and takes nothing delivered twice for two', () => {
    const task = aTask({ instruction: 'find two mug and put them in cabinet.', type: 'two', family: 'house-1' });
    const both = success(
      [
        ...fetch,
        ...deliver,
        ['go to drawer 1', 'In the drawer 1, you see a mug 2.'],
        ['take mug 2 from drawer 1'],
        ['go to cabinet 1'],
        ['move mug 2 to cabinet 1'],
      ],
      { ...task, family: 'house-2' },
    );
    const again: readonly Line[] = [['take mug 1 from cabinet 1'], ['move mug 1 to cabinet 1']];
    const lesson = contrastiveLesson(
      failed([...fetch, ...deliver, ...again], task),
      aContext({ demonstrations: [both] }),
    );
    expect(lesson?.title).toContain('do not leave out getting another mug');
    expect(lesson?.body.pointOfFailure).toBe(
      'After step 3 (`move mug 1 to cabinet 1`) it never came to getting another mug.',
    );
  });

  it('names the lamp that is to be used, and not the thing that is to be looked at', () => {
    const task = aTask({ instruction: 'look at mug under the desklamp.', type: 'look', family: 'house-1' });
    const looked = success([...fetch, ['go to desk 1', 'On the desk 1, you see a desklamp 1.'], ['use desklamp 1']], {
      ...task,
      family: 'house-2',
    });
    const lesson = contrastiveLesson(
      failed([...fetch, ['go to desk 1'], ['look']], task),
      aContext({ demonstrations: [looked] }),
    );
    expect(lesson?.title).toContain('do not leave out `use desklamp`');
  });

  it('learns nothing about a made-up word from a success elsewhere, whatever the type of its task says', () => {
    const task = aTask({ ...heating, instruction: 'fep some mug and put it in cabinet.' });
    const elsewhere = success([...fetch, ...heat, ...deliver], { ...heating, family: 'house-2' });
    const unlike = success([...fetch, ...heat, ...deliver], {
      ...heating,
      instruction: 'dax some mug and put it in cabinet.',
      family: 'house-3',
    });
    const lesson = contrastiveLesson(
      failed([...fetch, ...deliver], task),
      aContext({ demonstrations: [elsewhere, unlike] }),
    );
    expect(JSON.stringify(lesson) ?? '').not.toContain('heat mug');
  });

  it('refutes no reading of a word when the steps ran out before the thing was delivered', () => {
    const task = aTask({ ...heating, instruction: 'dax some mug and put it in cabinet.', type: 'dax' });
    const untold = aContext({
      demonstrations: [success([...fetch, ...heat, ...deliver], { ...heating, family: 'house-2' })],
    });
    const clean: readonly Line[] = [['go to sinkbasin 1'], ['clean mug 1 with sinkbasin 1', 'You clean the mug 1.']];
    expect(contrastiveLesson(failed([...fetch, ...clean], task), untold)?.title ?? '').not.toContain('does not mean');
    const delivered = contrastiveLesson(failed([...fetch, ...clean, ...deliver], task), untold);
    expect(delivered?.title).toBe('house-1: "dax" does not mean `clean with sinkbasin`');
    expect(delivered?.body.correction).toBe('Try another reading; not tried: `heat with microwave`.');
    // What was not tried is a guess: nothing that a policy would take for a rule.
    expect(delivered?.machine?.instead).toBeUndefined();
  });

  it('blames a move made before the thing was seen, and sends to a place, not to open what cannot be opened', () => {
    const lines: readonly Line[] = [
      ['go to drawer 1', 'The drawer 1 is closed.'],
      ['open drawer 1', 'In the drawer 1, you see a fork 1.'],
      ['go to fridge 1', 'The fridge 1 is open. On the fridge 1, you see a plate 1.'],
      ['go to cabinet 2', 'On the cabinet 2, you see nothing.'],
      ['open drawer 1', 'In the drawer 1, you see a fork 1.'],
      ['open drawer 1', 'In the drawer 1, you see a fork 1.'],
      ['go to countertop 1', 'On the countertop 1, you see a mug 1.'],
      ['go to drawer 1', 'The drawer 1 is closed.'],
    ];
    const lesson = contrastiveLesson(failed(lines), aContext({ knownObjects }));
    expect(lesson?.machine?.instead).toEqual([{ avoid: 'go to fridge 1', do: 'go to countertop 1' }]);
    expect(lesson?.body.flawedDecision).toContain('At step 2');
  });

  it('says that a thing was taken too late, and not that its delivery was forgotten', () => {
    const lines: readonly Line[] = [
      ['go to drawer 1', 'In the drawer 1, you see a fork 1.'],
      ['go to cabinet 1', 'On the cabinet 1, you see nothing.'],
      ...fetch,
    ];
    const both = success([...fetch, ...deliver], { ...heating, family: 'house-2' });
    const lesson = contrastiveLesson(failed(lines), aContext({ demonstrations: [both], knownObjects }));
    expect(lesson?.title).toBe('house-1: look for mug in countertop 1 first');
  });

  it('tells of a command that named what had not been seen there', () => {
    const lines: readonly Line[] = [
      ...fetch.slice(0, 1),
      ['!take mug 2 from countertop 1'],
      ...Array.from({ length: 6 }, (): Line => ['look']),
    ];
    expect(contrastiveLesson(failed(lines), aContext())?.body.flawedDecision).toBe(
      'At step 1 `take mug 2 from countertop 1` did nothing: no mug 2 had been seen there.',
    );
  });

  it('names the single places left out when no kind was, and learns nothing where all was looked into', () => {
    const view = 'You see a cabinet 1, a cabinet 2, and a drawer 1.';
    const search = (lines: readonly Line[]) =>
      contrastiveLesson(
        anEpisode({ task: heating, initialObservation: view, steps: told(lines), outcome: verifiedFailure }),
        aContext({ knownObjects }),
      );
    const some: readonly Line[] = [
      ['go to cabinet 1', 'On the cabinet 1, you see a plate 1.'],
      ['go to drawer 1', 'On the drawer 1, you see nothing.'],
    ];
    expect(search(some)?.body.correction).toBe('Look into those that were left out: cabinet 2.');
    expect(search([...some, ['go to cabinet 2', 'On the cabinet 2, you see nothing.']])).toBeUndefined();
  });

  it('sees a command repeated in vain when nothing more exact explains the failure', () => {
    const task = aTask({ environment: 'gate', instruction: 'Open the gate.', family: undefined, type: undefined });
    const steps = told([['!push gate'], ['!push gate'], ['!push gate'], ['walk away']]);
    const lesson = contrastiveLesson(anEpisode({ task, steps, outcome: verifiedFailure }), aContext());
    expect(lesson?.body.pointOfFailure).toContain('`push gate` did nothing; it was given 3 times');
  });

  it('learns from a wrong answer what an earlier right one was', () => {
    const task = aTask({
      environment: 'user',
      instruction: 'Name a prime above 90.',
      family: undefined,
      type: undefined,
    });
    const right = demonstrationFrom(anEpisode({ task, steps: [{ action: '97' }] }), aContext())!;
    const lesson = contrastiveLesson(
      anEpisode({ task, steps: [{ action: '91' }], outcome: verifiedFailure }),
      aContext({ demonstrations: [right] }),
    );
    expect(lesson?.body.flawedDecision).toContain('`91`');
    expect(lesson?.body.correction).toContain('`97`');
  });

  it('makes nothing of a success, an unknown outcome, or an episode without actions', () => {
    expect(contrastiveLesson(anEpisode(), aContext())).toBeUndefined();
    expect(contrastiveLesson(anEpisode({ outcome: null }), aContext())).toBeUndefined();
    expect(contrastiveLesson(anEpisode({ steps: [], outcome: verifiedFailure }), aContext())).toBeUndefined();
  });

  it('quarantines what rests on an unverified failure or on the word of a tool', () => {
    const unverified = { ...verifiedFailure, source: 'tool', verified: false } as const;
    const answer = anEpisode({ steps: [{ action: '91' }], outcome: unverified });
    expect(contrastiveLesson(answer, aContext())?.status).toBe('quarantined');
    const steps = told([...fetch.slice(0, 1), ['!look'], ['!look'], ['!look'], ['!look']]).map((step) => ({
      ...step,
      trust: 'tool' as const,
    }));
    expect(contrastiveLesson(anEpisode({ task: heating, steps, outcome: verifiedFailure }), aContext())?.status).toBe(
      'quarantined',
    );
  });

  it('finds a lesson in every recorded failure in a house, the same one each time', () => {
    const episodes = houseEpisodes();
    const demonstrations = episodes.flatMap((episode) => demonstrationFrom(episode, aContext()) ?? []);
    const failures = episodes.filter(({ outcome }) => outcome?.status === 'failure');
    expect(failures.length).toBeGreaterThan(10);
    for (const episode of failures) {
      const lesson = contrastiveLesson(episode, aContext({ demonstrations, knownObjects }));
      expect(bankEntrySchema.safeParse(lesson).success).toBe(true);
      expect(lesson).toEqual(
        contrastiveLesson(episode, aContext({ demonstrations: demonstrations.toReversed(), knownObjects })),
      );
      expect(lesson!.tokens).toBeLessThan(600);
    }
  });

  it('says nothing of a recorded failure that the validator of written lessons would reject', () => {
    const episodes = houseEpisodes();
    const demonstrations = episodes.flatMap((episode) => demonstrationFrom(episode, aContext()) ?? []);
    for (const episode of episodes.filter(({ outcome }) => outcome?.status === 'failure')) {
      const { title, body, machine } = contrastiveLesson(episode, aContext({ demonstrations, knownObjects }))!;
      const told = [body.pointOfFailure, body.flawedDecision, machine?.instead?.[0]?.avoid ?? ''].join(' ');
      const citations = episode.steps
        .filter(({ index, action }) => told.includes(action) || new RegExp(`step ${index}\\b`, 'u').test(told))
        .map(({ index, action }) => ({ step: index, action }));
      const quoted = [...`${body.pointOfFailure} ${body.flawedDecision}`.matchAll(/tep (\d+) \(?`([^`]+)`/gu)];
      for (const [, step, action] of quoted) expect(episode.steps[Number(step)]?.action).toBe(action);
      const objects = numberedNames(`${title} ${Object.values(body).join(' ')} ${machine?.instead?.[0]?.do ?? ''}`);
      const draft = { title, ...body, citations, objects: [...new Set(objects)], instead: machine?.instead?.[0] };
      const reference = demonstrations.flatMap((demonstration) => demonstration.body.steps.map(({ action }) => action));
      const faults = validateLesson(draft, episode, { knownObjects, reference: reference.join('\n') });
      expect(
        faults.filter((fault) => /never said|was not said at|is not a cited action|made of words/u.test(fault)),
      ).toEqual([]);
    }
  });
});
