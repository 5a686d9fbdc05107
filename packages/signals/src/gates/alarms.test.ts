import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { answerRepetition, type GivenAnswer } from './answer-repetition.ts';
import { lengthCollapse } from './length-collapse.ts';

describe('lengthCollapse', () => {
  it('rings when the median falls below half of the mean of the last 20 steps', () => {
    const steady = Array.from({ length: 30 }, () => 500);
    expect(lengthCollapse([...steady, 250])).toEqual({ alarm: 'none', median: 250, trailingMean: 500 });
    expect(lengthCollapse([...steady, 249]).alarm).toBe('sudden');
    // The first ten lie outside the window.
    const early = [...Array.from({ length: 10 }, () => 10_000), ...Array.from({ length: 20 }, () => 400)];
    expect(lengthCollapse([...early, 300])).toEqual({ alarm: 'none', median: 300, trailingMean: 400 });
  });

  it('says nothing before there are enough steps', () => {
    expect(lengthCollapse([])).toEqual({ alarm: 'none', median: undefined, trailingMean: undefined });
    expect(lengthCollapse([500, 500, 500, 500, 1])).toEqual({ alarm: 'none', median: 1, trailingMean: undefined });
    expect(lengthCollapse([500, 500, 500, 500, 500, 1]).alarm).toBe('sudden');
    expect(lengthCollapse([500, 1], { window: 1 }).alarm).toBe('sudden');
  });

  it('misses the published collapse when it is even, unless the length at the start is given', () => {
    const factor = (45.7 / 510.7) ** (1 / 58);
    const medians = Array.from({ length: 59 }, (_, step) => 510.7 * factor ** step);
    const alarms = medians.map((_, step) => lengthCollapse(medians.slice(0, step + 1)).alarm);
    expect(new Set(alarms)).toEqual(new Set(['none']));
    const first = medians.findIndex(
      (_, step) => lengthCollapse(medians.slice(0, step + 1), { startLength: 510.7 }).alarm === 'slow',
    );
    expect(first).toBe(17); // 0.9592^17 is the first power below a half
  });

  it('rings for no lengths that only grow', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000)), (lengths) => {
        const growing = lengths.toSorted((a, b) => a - b);
        expect(lengthCollapse(growing).alarm).toBe('none');
      }),
    );
  });

  it('refuses lengths and options that are none', () => {
    expect(() => lengthCollapse([Number.NaN])).toThrow(RangeError);
    expect(() => lengthCollapse([-1])).toThrow(RangeError);
    expect(() => lengthCollapse([1], { share: 1 })).toThrow(RangeError);
    expect(() => lengthCollapse([1], { window: 4, leastSteps: 5 })).toThrow(RangeError);
    expect(() => lengthCollapse([1], { startLength: 0 })).toThrow(RangeError);
  });
});

describe('answerRepetition', () => {
  const given = (taskId: string, answer: string | null, correct: number | null = 0): GivenAnswer => ({
    taskId,
    answer,
    correct,
  });
  const spread = (shared: number, others: number, correct: number | null = 0) => [
    ...Array.from({ length: shared }, (_, task) => given(`s${task}`, '40', correct)),
    ...Array.from({ length: others }, (_, task) => given(`o${task}`, `own ${task}`)),
  ];

  it('rings when half of the tasks get the same wrong answer', () => {
    expect(answerRepetition(spread(4, 4))).toEqual({ alarm: true, answer: '40', share: 0.5, tasks: 8 });
    expect(answerRepetition(spread(3, 5)).alarm).toBe(false);
    expect(answerRepetition(spread(4, 3)).alarm).toBe(false); // seven tasks are too few
    expect(answerRepetition(spread(4, 3), { leastTasks: 7 }).alarm).toBe(true);
  });

  it('does not ring for a common right answer, nor when nothing is known to be wrong', () => {
    expect(answerRepetition(spread(8, 0, 1)).alarm).toBe(false);
    expect(answerRepetition(spread(8, 0, null)).alarm).toBe(false);
  });

  it('does not count repetition within a task', () => {
    const sure = Array.from({ length: 64 }, () => given('one', 'x'));
    expect(answerRepetition([...sure, ...spread(0, 8)])).toMatchObject({ alarm: false, share: 1 / 9, tasks: 9 });
  });

  it('leaves out rollouts without an answer, and does not depend on the order', () => {
    expect(answerRepetition([given('a', null)])).toEqual({
      alarm: false,
      answer: undefined,
      share: undefined,
      tasks: 0,
    });
    const row = fc.record({
      taskId: fc.constantFrom('a', 'b', 'c'),
      answer: fc.constantFrom('x', 'y', null),
      correct: fc.constantFrom(0, 1, null),
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        expect(answerRepetition(rows, { leastTasks: 2 })).toEqual(
          answerRepetition(rows.toReversed(), { leastTasks: 2 }),
        );
      }),
    );
    expect(() => answerRepetition([given('a', 'x', 2)])).toThrow(RangeError);
  });
});
