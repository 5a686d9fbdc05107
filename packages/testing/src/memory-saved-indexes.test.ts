import { describe } from 'vitest';

import { testSavedIndexStore } from './saved-index-store-suite.ts';
import { memorySavedIndexes } from './memory-saved-indexes.ts';

describe('memory saved indexes', () => {
  testSavedIndexStore({ create: () => memorySavedIndexes() });
});
