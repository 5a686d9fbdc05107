import { testFuzzed } from '../../test-support/fuzz-suite.ts';

testFuzzed({ entries: 30_000, events: 30_000 });
