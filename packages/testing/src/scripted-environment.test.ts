import { describe } from 'vitest';

import { testEnvironment } from './environment-suite.ts';
import { scriptedEnvironment } from './scripted-environment.ts';

describe('scriptedEnvironment', () => {
  testEnvironment({
    create: () => scriptedEnvironment([{ id: 'greet', wins: ['hello', 'goodbye'] }]),
    winning: () => ['hello', 'goodbye'],
    idle: 'mumble',
  });
});
