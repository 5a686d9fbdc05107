import { describe } from 'vitest';

import { testEntryStore } from './entry-store-suite.ts';
import { memoryEntryStore } from './memory-entry-store.ts';

describe('memoryEntryStore', () => {
  testEntryStore({ create: memoryEntryStore, forgets: 'it keeps everything in the process' });
});
