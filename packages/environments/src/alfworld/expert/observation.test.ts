import { describe, expect, it } from 'vitest';
import { parseCommand, parseReceptacle, parseRoom, parseTaskSentence } from './observation.ts';

const reset =
  '-= Welcome to TextWorld, ALFRED! =-\n\nYou are in the middle of a room. Looking quickly around you, you see a bed 1, a desk 2, a desk 1, and a safe 1.\n\nYour task is to: put a mug in desk.';

it('reads the room and the goal sentence of a first observation', () => {
  expect(parseRoom(reset)).toEqual(['bed 1', 'desk 2', 'desk 1', 'safe 1']);
  expect(parseTaskSentence(reset)).toBe('put a mug in desk.');
});

describe('parseReceptacle', () => {
  it('reads surfaces, open and closed receptacles, in both arrival styles', () => {
    const surface = { receptacle: 'shelf 2', state: 'surface', objects: ['mug 1', 'pen 3'] };
    expect(parseReceptacle('You arrive at shelf 2. On the shelf 2, you see a mug 1, and a pen 3.')).toEqual(surface);
    expect(parseReceptacle('You arrive at loc 3. On the shelf 2, you see a mug 1, and a pen 3.')).toEqual(surface);
    expect(parseReceptacle('You open the safe 1. The safe 1 is open. In it, you see nothing.')).toEqual({
      receptacle: 'safe 1',
      state: 'open',
      objects: [],
    });
    expect(parseReceptacle('You arrive at safe 1. The safe 1 is closed.')?.state).toBe('closed');
  });

  it('sees no receptacle in other answers', () => {
    for (const text of ['Nothing happens.', 'You close the safe 1.', 'You are carrying: a mug 1.']) {
      expect(parseReceptacle(text)).toBeUndefined();
    }
  });
});

it('reads commands of both putting styles', () => {
  const put = { verb: 'put', object: 'mug 1', receptacle: 'desk 2' };
  expect(parseCommand('move mug 1 to desk 2')).toEqual(put);
  expect(parseCommand('put mug 1 in/on desk 2')).toEqual(put);
  expect(parseCommand('heat mug 1 with microwave 1')).toEqual({
    verb: 'heat',
    object: 'mug 1',
    receptacle: 'microwave 1',
  });
  expect(parseCommand('cool with fridge')).toEqual({ verb: 'cool', object: undefined, receptacle: 'fridge' });
  expect(parseCommand('dance')).toBeUndefined();
});
