import { describe } from 'vitest';

import { testCheckpointStore } from './checkpoint-store-suite.ts';
import { memoryCheckpoints } from './memory-checkpoints.ts';

describe('memory checkpoints', () => {
  testCheckpointStore({ create: () => memoryCheckpoints() });
});
