import { testEntryStore, testEpisodeStore } from '@skillrl/testing';
import { join } from 'node:path';
import { describe } from 'vitest';

import { sqlite } from './sqlite.ts';

describe('sqlite episodes', () => {
  testEpisodeStore({ create: (folder) => sqlite({ path: join(folder, 'bank.db') }).episodes });
});

describe('sqlite entries', () => {
  testEntryStore({ create: (folder) => sqlite({ path: join(folder, 'bank.db') }).entries });
});
