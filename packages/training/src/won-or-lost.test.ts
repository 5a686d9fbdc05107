import { expect, it } from 'vitest';

import { wonOrLost } from './won-or-lost.ts';

it('takes a play that a limit cut off for a lost one, and knows nothing of one that failed', () => {
  expect(wonOrLost({ outcome: { status: 'truncated', limit: 'context' } })).toBe(0);
  expect(wonOrLost({ outcome: { status: 'success', verified: true } as never })).toBe(1);
  expect(wonOrLost({ outcome: { status: 'failure', verified: true } as never })).toBe(0);
  expect(wonOrLost({ outcome: { status: 'success', verified: false } as never })).toBeUndefined();
  expect(wonOrLost({ outcome: undefined })).toBeUndefined();
});
