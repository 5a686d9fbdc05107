import { expect, it } from 'vitest';

import { differences } from './differences.ts';

it('finds what is missing, what is too much, and what is of another kind or value', () => {
  expect(differences({ a: 1, b: 2, c: 'x', d: 1 }, { a: 1, c: 3, d: 2, e: 0 })).toEqual([
    { path: '.b', kind: 'missing', expected: 2, actual: undefined },
    { path: '.c', kind: 'type', expected: 'x', actual: 3 },
    { path: '.d', kind: 'value', expected: 1, actual: 2 },
    { path: '.e', kind: 'extra', expected: undefined, actual: 0 },
  ]);
  expect(differences({ a: null }, { a: {} })).toMatchObject([{ path: '.a', kind: 'type' }]);
});

it('lets lists be of another length, but not empty, and holds them to their ends', () => {
  const stream = [{ s: 'first' }, { s: 'middle' }, { s: 'last', n: 1 }];
  const middle = { s: 'middle' };
  expect(differences(stream, [stream[0], middle, middle, stream[2]])).toEqual([]);
  expect(differences(stream, [])).toMatchObject([{ kind: 'missing' }]);
  expect(differences([], stream)).toMatchObject([{ kind: 'extra' }]);
  expect(differences(stream, [stream[0], middle])).toMatchObject([{ kind: 'missing' }, { kind: 'value' }].toReversed());
  expect(differences(stream, [middle, stream[2]])).toMatchObject([{ path: '[].s', kind: 'value' }]);
  expect(differences([1, '…(5 items)'], [1, 2])).toMatchObject([{ kind: 'value' }]);
});

it('takes one unforeseeable digest for another, and looks into events', () => {
  const digest = (letter: string): string => `layer sha256:${letter.repeat(64)}`;
  expect(differences(digest('a'), digest('b'))).toEqual([]);
  expect(differences(digest('a'), 'layer')).toMatchObject([{ kind: 'value' }]);
  expect(differences('data: {"a":1}', 'data: {"a":"x"}')).toMatchObject([{ path: '.a', kind: 'type' }]);
  expect(differences('data: {"a":1}', 'data: [DONE]')).toMatchObject([{ kind: 'type' }]);
});
