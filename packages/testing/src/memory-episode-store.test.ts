import { describe } from 'vitest';

import { testEpisodeStore } from './episode-store-suite.ts';
import { memoryEpisodeStore } from './memory-episode-store.ts';

describe('memoryEpisodeStore', () => {
  testEpisodeStore({ create: memoryEpisodeStore, forgets: 'it keeps everything in the process' });
});
