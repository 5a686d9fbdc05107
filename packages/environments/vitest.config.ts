import { mergeConfig } from 'vitest/config';

import { packageTests } from '../../vitest.shared.ts';

/** `oracle` compares our ALFWorld with the real engine: minutes, in Python. `pnpm test` leaves it out, `npm test` does not. */
export default mergeConfig(packageTests, { test: { include: ['oracle/**/*.test.ts'] } });
