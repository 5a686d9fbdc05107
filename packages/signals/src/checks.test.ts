import { expect, it } from 'vitest';

import { checkCount, checkFinite, checkProbability, checkSameLength } from './checks.ts';

it('lets good input pass', () => {
  checkFinite('values', [0, -1, 1e300]);
  checkFinite('values', new Float64Array(3));
  checkProbability('share', 0);
  checkProbability('share', 1);
  checkSameLength('a', [1], 'b', ['x']);
  checkCount('pairs', 0);
});

it('refuses with the name, what it is and what to do', () => {
  expect(() => checkFinite('values', [1, Number.NaN])).toThrow(/values\[1\] is NaN.*leave such values out/);
  expect(() => checkFinite('values', [Number.NEGATIVE_INFINITY])).toThrow(RangeError);
  expect(() => checkProbability('share', 1.01)).toThrow(/share is 1.01: give/);
  expect(() => checkProbability('share', Number.NaN)).toThrow(RangeError);
  expect(() => checkSameLength('shown', [1, 0], 'outcome', [1])).toThrow(/shown has 2 elements and outcome has 1/);
  expect(() => checkCount('pairs', 1.5)).toThrow(RangeError);
  expect(() => checkCount('pairs', 0, 1)).toThrow(/at least 1/);
});
