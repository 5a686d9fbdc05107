import { describe, it } from 'vitest';

import { testKilledImports } from '../../test-support/killed-imports.ts';

const rounds = 20;

describe('an import into sqlite', () => {
  it(`is whole or was not, when its process is killed, ${rounds} times`, () => testKilledImports(rounds), 300_000);
});
