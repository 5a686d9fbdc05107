import { testFuzzed } from './fixtures/fuzz-suite.ts';

testFuzzed({ entries: 30_000, events: 30_000 });
