import { testFuzzed } from './fixtures/fuzz-suite.ts';

testFuzzed({ entries: 5000, events: 5000 });
