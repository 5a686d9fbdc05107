import { describe, expect, it } from 'vitest';
import { junitOutcome } from './junit.mjs';
import { checkOutcome, skipReason, summaryLines, sumOutcomes } from './outcome.mjs';

describe('summaryLines', () => {
  it('lists skips with their reasons, then failures, and ends with the sum alone', () => {
    const outcome = sumOutcomes([
      { passed: 3, failed: [], skipped: [{ name: 'a > reads', reason: 'no data' }] },
      checkOutcome('layers', undefined),
      checkOutcome('lint', 'exit code 1'),
    ]);
    expect(summaryLines(outcome, 75.4)).toEqual([
      'skipped: a > reads (no data)',
      'failed: lint (exit code 1)',
      'Total time: 1 min 15 s.',
      '4 passed, 1 failed, 1 skipped',
    ]);
  });

  it('sums nothing to zeros', () => {
    expect(summaryLines(sumOutcomes([]), 0).at(-1)).toBe('0 passed, 0 failed, 0 skipped');
  });
});

describe('skipReason', () => {
  it('prefers what the test said', () => {
    expect(skipReason('no compiler', ['needs data'])).toBe('no compiler');
  });

  it('takes a name that says what is needed', () => {
    expect(skipReason(undefined, ['hnsw', 'needs compiler: not found', 'adds'])).toBe('needs compiler: not found');
  });

  it('finds none where nothing says why', () => {
    expect(skipReason(undefined, ['hnsw', 'adds'])).toBeUndefined();
    expect(skipReason('', ['adds'])).toBeUndefined();
  });
});

describe('junitOutcome', () => {
  it('counts passes, and names failures, errors and skips with their messages', () => {
    const xml = `<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="4">
      <testcase classname="tests.test_a" name="test_one" time="0.1" />
      <testcase classname="tests.test_a" name="test_two[x&gt;1]" time="0.1"><failure message="assert 1 == 2&#10;more">trace</failure></testcase>
      <testcase classname="tests.test_a" name="test_three" time="0.1"><skipped type="pytest.skip" message="no data &amp; no GPU">x</skipped></testcase>
      <testcase classname="" name="tests.test_b" time="0.0"><error message="collection failure">x</error></testcase>
    </testsuite></testsuites>`;
    expect(junitOutcome(xml, 'trainer')).toEqual({
      passed: 1,
      failed: [
        { name: 'trainer > tests.test_a > test_two[x>1]', reason: 'assert 1 == 2' },
        { name: 'trainer >  > tests.test_b', reason: 'collection failure' },
      ],
      skipped: [{ name: 'trainer > tests.test_a > test_three', reason: 'no data & no GPU' }],
    });
  });
});
