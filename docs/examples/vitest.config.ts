import { packageTests } from '../../vitest.shared.ts';

/** The programs stand beside this file; what runs them is in `test`. */
export default { ...packageTests, test: { ...packageTests.test, include: ['test/**/*.test.ts'] } };
