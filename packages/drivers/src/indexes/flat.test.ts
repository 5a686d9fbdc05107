import { testVectorIndex } from '@skillrl/testing';
import { describe } from 'vitest';

import { flat } from './flat.ts';

describe('flat', () => {
  testVectorIndex({ create: (dimensions) => flat({ dimensions }) });
});
