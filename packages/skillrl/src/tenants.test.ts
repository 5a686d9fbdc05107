import { expect, it } from 'vitest';

import { playTenants } from '../test-support/tenants.ts';

it('keeps tenants apart over 10,000 random operations', async () => {
  const counts = await playTenants(10_000, 31);
  expect(Object.keys(counts)).toHaveLength(13);
}, 300_000);
