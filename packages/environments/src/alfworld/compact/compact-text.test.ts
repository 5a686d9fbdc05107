import { describe, expect, it } from 'vitest';
import { compactObservation } from './compact-observation.ts';
import { compactTask } from './compact-task.ts';
import { renderGuidance } from './render-entries.ts';
import { firstTurnThatFits, parseConfidence, renderConfidence, renderHead, renderPrompt } from './transcript.ts';

describe('compactObservation', () => {
  it.each([
    [
      'You arrive at desk 2. On the desk 2, you see a alarmclock 1, a keychain 2, and a mug 1.',
      'alarmclock 1 keychain 2 mug 1',
    ],
    ['You arrive at loc 3. On the desk 2, you see nothing.', 'nothing'],
    ['You arrive at safe 1. The safe 1 is closed.', 'closed'],
    ['You open the safe 1. The safe 1 is open. In it, you see a cd 2.', 'cd 2'],
    ['You pick up the mug 1 from the desk 2.', 'ok'],
    ['You move the mug 1 to the desk 2.', 'ok'],
    ['You put the mug 1 in/on the desk 2.', 'ok'],
    ['You heat the mug 1 using the microwave 1.', 'ok'],
    ['You turn on the desklamp 1.', 'ok'],
    ['You close the safe 1.', 'ok'],
    ['Nothing happens.', 'nothing happens'],
    ['You are carrying: a mug 1.', 'carrying mug 1'],
    ['You are not carrying anything.', 'carrying nothing'],
    ['You are in the middle of a room. Looking quickly around you, you see nothing.', 'middle'],
    ['You are facing the cabinet 2, and cabinet 1. Next to it, you see nothing.', 'facing cabinet 2 cabinet 1'],
    ['This is a hot mug 1.', 'hot'],
    ['This is a hot and clean mug 1.', 'hot and clean'],
    ['This desklamp 1 is on.', 'on'],
    ["There's nothing special about pen 1.", 'plain'],
    ['Something else altogether!', 'something else altogether'],
  ])('%s → %s', (text, compact) => {
    expect(compactObservation(text)).toBe(compact);
  });
});

it('names the goal and the room by classes with their highest numbers', () => {
  const first =
    'You are in the middle of a room. Looking quickly around you, you see a desk 2, a desk 1, and a bed 1.\n\nYour task is to: put a mug in desk.';
  expect(compactTask('', first)).toBe('task put a mug in desk\nroom bed 1 desk 2');
  expect(compactTask('dax some mug and put it in desk.', first)).toBe(
    'task dax some mug and put it in desk\nroom bed 1 desk 2',
  );
});

it('renders each form of guidance on lines of its own', () => {
  const lines = renderGuidance([
    {
      facts: [
        { subject: 'mug 1', relation: 'in', object: 'cabinet 3' },
        { subject: 'cd 2', relation: 'in', object: 'safe 1' },
      ],
    },
    { order: [{ find: 'mug', places: ['countertop', 'shelf'] }] },
    { procedures: [{ name: 'dax', means: 'heat with microwave' }] },
    { instead: [{ avoid: 'heat mug 1 with microwave 1', do: 'heat mug 1 with microwave 2' }] },
    { earlier: { goal: 'put a mug in desk.', actions: ['go to desk 1', 'take mug 1 from desk 1'] } },
    { note: 'Desks, often, hold mugs.' },
    { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }] },
  ]);
  expect(lines).toEqual([
    'fact mug 1 in cabinet 3',
    'fact cd 2 in safe 1',
    'find mug : countertop shelf',
    'verb dax : heat with microwave',
    'avoid heat mug 1 with microwave 1 : heat mug 1 with microwave 2',
    'earlier put a mug in desk : go to desk 1 ; take mug 1 from desk 1',
    'note desks often hold mugs',
  ]);
});

describe('the transcript', () => {
  const head = renderHead('task t\nroom r', ['fact mug 1 in cabinet 3']);
  const turns = Array.from({ length: 6 }, (_, index) => ({ action: `go to shelf ${index}`, observation: 'nothing' }));

  it('ends where the policy goes on', () => {
    expect(renderPrompt(head, renderConfidence(7), turns.slice(0, 1))).toBe(
      'task t\nroom r\nfact mug 1 in cabinet 3\nsure 7\n> go to shelf 0\n nothing\n>',
    );
    expect(parseConfidence('sure 7')).toBe(0.7);
    expect(parseConfidence('sure 11')).toBeUndefined();
  });

  it('keeps everything while it fits, then drops the oldest turns and never the head', () => {
    const countTokens = (text: string): number => text.split(/\s+/).length;
    expect(firstTurnThatFits(head, turns, 0, 1000, countTokens)).toBe(0);
    const first = firstTurnThatFits(head, turns, 0, 50, countTokens);
    expect(first).toBeGreaterThan(0);
    expect(countTokens(renderPrompt(head, '', turns, first))).toBeLessThanOrEqual(50);
    expect(renderPrompt(head, '', turns, first).startsWith(head)).toBe(true);
    expect(firstTurnThatFits(head, turns, first, 50, countTokens)).toBe(first);
  });
});
