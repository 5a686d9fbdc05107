import { testFuzzed } from '../../test-support/fuzz-suite.ts';

testFuzzed({ entries: 5000, events: 5000 });
